/** One file of a unified diff, as git writes it. */
export interface DiffFile {
  readonly path: string;
  /** `new file`, `deleted file`, `renamed from …`, or "". */
  readonly note: string;
  readonly added: number;
  readonly removed: number;
  readonly hunks: readonly DiffHunk[];
}

export interface DiffHunk {
  /** What git writes behind the second @@: usually the function. */
  readonly context: string;
  readonly lines: readonly DiffLine[];
}

export interface DiffLine {
  readonly kind: "add" | "remove" | "same" | "note";
  readonly before: number | null;
  readonly after: number | null;
  readonly text: string;
}

/*
 * diff  = { file } ;  file = [ "diff --git …" ] { header } "--- a/PATH" "+++ b/PATH" { hunk }
 * hunk  = "@@ -START[,COUNT] +START[,COUNT] @@" [ " " context ] { " " | "-" | "+" | "\" line }
 * The counts bound a hunk: within it a line that begins with "---" is a removed line and not a header.
 */
export function parseDiff(text: string): DiffFile[] {
  const files: Mutable[] = [];
  let file: Mutable | null = null;
  let hunk: { context: string; lines: DiffLine[] } | null = null;
  let before = 0;
  let after = 0;
  let beforeLeft = 0;
  let afterLeft = 0;
  for (const line of text.split("\n")) {
    if (hunk !== null && (beforeLeft > 0 || afterLeft > 0)) {
      const mark = line[0];
      if (mark === "+") {
        hunk.lines.push({ kind: "add", before: null, after: after++, text: line.slice(1) });
        afterLeft -= 1;
        if (file !== null) file.added += 1;
        continue;
      }
      if (mark === "-") {
        hunk.lines.push({ kind: "remove", before: before++, after: null, text: line.slice(1) });
        beforeLeft -= 1;
        if (file !== null) file.removed += 1;
        continue;
      }
      if (mark === " " || line === "") {
        hunk.lines.push({ kind: "same", before: before++, after: after++, text: line.slice(1) });
        beforeLeft -= 1;
        afterLeft -= 1;
        continue;
      }
    }
    if (line.startsWith("\\") && hunk !== null) {
      hunk.lines.push({ kind: "note", before: null, after: null, text: line.slice(2) });
      continue;
    }
    const head = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@ ?(.*)$/.exec(line);
    if (head !== null) {
      file ??= begin(files, "");
      before = Number(head[1]);
      after = Number(head[3]);
      beforeLeft = Number(head[2] ?? 1);
      afterLeft = Number(head[4] ?? 1);
      hunk = { context: head[5] ?? "", lines: [] };
      file.hunks.push(hunk);
      continue;
    }
    const start = /^diff --git (?:"?a\/.*?"?) (?:"?b\/(.*?)"?)$/.exec(line);
    if (start !== null) {
      file = begin(files, start[1] ?? "");
      hunk = null;
    } else if (line.startsWith("--- ")) {
      if (file === null || file.hunks.length > 0) file = begin(files, "");
      hunk = null;
      const path = pathOf(line);
      if (path !== null && file.path === "") file.path = path;
    } else if (line.startsWith("+++ ")) {
      const path = pathOf(line);
      if (file !== null && path !== null) file.path = path;
    } else if (file !== null && hunk === null) {
      if (line.startsWith("new file")) file.note = "new file";
      else if (line.startsWith("deleted file")) file.note = "deleted file";
      else if (line.startsWith("rename from ")) file.note = `renamed from ${line.slice(12)}`;
      else if (line.startsWith("Binary files")) file.note = "binary file";
    }
  }
  return files;
}

interface Mutable {
  path: string;
  note: string;
  added: number;
  removed: number;
  hunks: { context: string; lines: DiffLine[] }[];
}

function begin(files: Mutable[], path: string): Mutable {
  const file: Mutable = { path, note: "", added: 0, removed: 0, hunks: [] };
  files.push(file);
  return file;
}

function pathOf(line: string): string | null {
  const name = line.slice(4).replace(/\t.*$/, "").replace(/^"(.*)"$/, "$1");
  return name === "/dev/null" ? null : name.replace(/^[ab]\//, "");
}
