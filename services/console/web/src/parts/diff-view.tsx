import { useMemo, useState, type ReactNode } from "react";
import { parseDiff, type DiffFile, type DiffLine } from "../diff.ts";
import { highlight } from "../highlight.ts";
import type { Evidence } from "../ledger.ts";
import { levelAt, marksOf, type Level, type Marks } from "../marks.ts";

const LINES_SHOWN = 400;

interface DiffViewProps {
  readonly diff: string;
  /** Lines of the new side, by path, that an assistant wrote. */
  readonly assistantLines?: Readonly<Record<string, readonly number[]>>;
  /** What to call whoever wrote them. */
  readonly assistant?: string;
  /** What says so: where it speaks of the commit as a whole, the marks do not pretend to know the line. */
  readonly evidence?: readonly Evidence[];
}

const NONE: readonly Evidence[] = [];

/** A unified diff with line numbers; the lines of an assistant carry a mark in the gutter that says how far the evidence goes. */
export function DiffView({ diff, assistantLines = {}, assistant = "AI", evidence = NONE }: DiffViewProps): ReactNode {
  const files = useMemo(() => parseDiff(diff), [diff]);
  const marks = useMemo(() => marksOf(evidence), [evidence]);
  if (files.length === 0) return <p className="muted small">There is no diff to show.</p>;
  return (
    <div className="stack">
      {files.map((file, index) => (
        <FileDiff key={index} file={file} marked={new Set(assistantLines[file.path])} marks={marks} assistant={assistant} />
      ))}
    </div>
  );
}

function FileDiff({ file, marked, marks, assistant }: { readonly file: DiffFile; readonly marked: ReadonlySet<number>; readonly marks: Marks; readonly assistant: string }): ReactNode {
  const total = file.hunks.reduce((sum, one) => sum + one.lines.length, 0);
  const [all, setAll] = useState(total <= LINES_SHOWN);
  let left = all ? total : LINES_SHOWN;
  const levelOf = (line: DiffLine): Level | null => (line.after !== null && line.kind === "add" && marked.has(line.after) ? levelAt(marks, file.path, line.after) : null);
  const levels = file.hunks.flatMap((one) => one.lines.flatMap((line) => levelOf(line) ?? []));
  const said = saidBy(marks, assistant);
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
        {(["line", "whole", "disputed"] as const).map((level) => {
          const many = levels.filter((one) => one === level).length;
          return many === 0 ? null : (
            <span key={level} className={`tag ai-${level}`}>
              <bdi>
                {many} of {file.added} added lines{said[level].head}
              </bdi>
            </span>
          );
        })}
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
                ...lines.map((line, number) => <Line key={`${index}-${number}`} line={line} path={file.path} level={levelOf(line)} said={said} />),
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

interface Said {
  /** Behind the number of lines. */
  readonly head: string;
  /** Of one line. */
  readonly title: string;
  readonly mark: string;
}

/** The same in words at the head of a file and at each mark. */
function saidBy({ whole, disputed }: Marks, assistant: string): Readonly<Record<Level, Said>> {
  const basis = whole ?? "whole commit";
  return {
    line: { head: ` by ${assistant}`, title: `Written by ${assistant}: a record names this line`, mark: "AI" },
    whole: { head: `: ${assistant} for the ${basis}`, title: `Said of the ${basis}: ${assistant}. No record names this line.`, mark: "AI" },
    disputed: { head: `: evidence disagrees on ${assistant}`, title: `Evidence disagrees. ${disputed ?? ""}`, mark: "AI?" },
  };
}

function Line({ line, path, level, said }: { readonly line: DiffLine; readonly path: string; readonly level: Level | null; readonly said: Readonly<Record<Level, Said>> }): ReactNode {
  return (
    <tr className={`diff-${line.kind}${level === null ? "" : ` by-ai ${level}`}`}>
      <td className="diff-mark" title={level === null ? undefined : said[level].title}>
        {level !== null && <span>{said[level].mark}</span>}
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
