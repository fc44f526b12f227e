import { useMemo, useState, type ReactNode } from "react";
import { parseDiff, type DiffFile, type DiffLine } from "../diff.ts";
import { highlight } from "../highlight.ts";

const LINES_SHOWN = 400;

interface DiffViewProps {
  readonly diff: string;
  /** Lines of the new side, by path, that an assistant wrote. */
  readonly assistantLines?: Readonly<Record<string, readonly number[]>>;
  /** What to call whoever wrote them. */
  readonly assistant?: string;
}

/** A unified diff with line numbers; the lines of an assistant carry a mark in the gutter. */
export function DiffView({ diff, assistantLines = {}, assistant = "AI" }: DiffViewProps): ReactNode {
  const files = useMemo(() => parseDiff(diff), [diff]);
  if (files.length === 0) return <p className="muted small">There is no diff to show.</p>;
  return (
    <div className="stack">
      {files.map((file, index) => (
        <FileDiff key={index} file={file} marked={new Set(assistantLines[file.path])} assistant={assistant} />
      ))}
    </div>
  );
}

function FileDiff({ file, marked, assistant }: { readonly file: DiffFile; readonly marked: ReadonlySet<number>; readonly assistant: string }): ReactNode {
  const total = file.hunks.reduce((sum, one) => sum + one.lines.length, 0);
  const [all, setAll] = useState(total <= LINES_SHOWN);
  let left = all ? total : LINES_SHOWN;
  const isMarked = (line: DiffLine): boolean => line.after !== null && line.kind === "add" && marked.has(line.after);
  const written = file.hunks.reduce((sum, one) => sum + one.lines.filter(isMarked).length, 0);
  return (
    <figure className="diff">
      <figcaption className="diff-head">
        <code className="clip" title={file.path}>
          <bdi>{file.path}</bdi>
        </code>
        {file.note !== "" && <span className="tag">{file.note}</span>}
        <span className="small nowrap num">
          <span className="diff-plus">+{file.added}</span> <span className="diff-minus">−{file.removed}</span>
        </span>
        {written > 0 && (
          <span className="tag ai">
            {written} of {file.added} added lines by {assistant}
          </span>
        )}
      </figcaption>
      <div className="diff-scroll" tabIndex={0} role="region" aria-label={`Changes of ${file.path}`}>
        <table className={`diff-table${marked.size > 0 ? " with-marks" : ""}`}>
          <tbody>
            {file.hunks.map((hunk, index) => {
              const lines = hunk.lines.slice(0, Math.max(0, left));
              left -= hunk.lines.length;
              if (lines.length === 0) return null;
              return [
                (index > 0 || hunk.context !== "") && (
                  <tr key={`head-${index}`} className="diff-hunk">
                    <td colSpan={4}>⋯ {hunk.context}</td>
                  </tr>
                ),
                ...lines.map((line, number) => <Line key={`${index}-${number}`} line={line} path={file.path} marked={isMarked(line)} assistant={assistant} />),
              ];
            })}
          </tbody>
        </table>
      </div>
      {!all && (
        <button type="button" className="button quiet diff-more" onClick={() => setAll(true)}>
          Show the other {total - LINES_SHOWN} lines
        </button>
      )}
    </figure>
  );
}

const SIGN = { add: "+", remove: "−", same: "", note: "" } as const;

function Line({ line, path, marked, assistant }: { readonly line: DiffLine; readonly path: string; readonly marked: boolean; readonly assistant: string }): ReactNode {
  return (
    <tr className={`diff-${line.kind}${marked ? " by-ai" : ""}`}>
      <td className="diff-mark" title={marked ? `Written by ${assistant}` : undefined}>
        {marked && <span>AI</span>}
      </td>
      <td className="diff-number">{line.before}</td>
      <td className="diff-number">{line.after}</td>
      <td className="diff-code">
        <span className="diff-sign">{SIGN[line.kind]}</span>
        <bdi>
          {line.kind === "note" ? (
            <i>{line.text}</i>
          ) : (
            highlight(line.text, path).map((token, index) =>
              token.kind === "" ? (
                token.text
              ) : (
                <span key={index} className={`tok-${token.kind}`}>
                  {token.text}
                </span>
              ),
            )
          )}
        </bdi>
      </td>
    </tr>
  );
}
