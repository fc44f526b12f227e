import { unquote } from "./paths.ts";

export interface Hunk {
  readonly oldStart: number;
  readonly oldCount: number;
  readonly newStart: number;
  readonly newCount: number;
  /** With their first character: space, + or −. */
  readonly lines: readonly string[];
}

export interface FilePatch {
  /** "" for a file that was added. */
  readonly pathBefore: string;
  /** "" for a file that was deleted. */
  readonly path: string;
  readonly hunks: readonly Hunk[];
  /** Full ids of the contents before and after, where the patch has them; of a side that is not there all zeros. */
  readonly blobs?: readonly [string, string];
}

/**
 * Reads git's unified diff. A hunk's counts say how many lines belong to it, so a line of the file that looks like a
 * header cannot be taken for one.
 * `"diff --git " … LF *header [ "--- " old LF "+++ " new LF *( "@@ -" a[,n] " +" b[,m] " @@" … LF *line ) ]`
 */
export function parsePatch(text: string): FilePatch[] {
  const rows = text.split("\n");
  const files: { pathBefore: string; path: string; hunks: Hunk[]; blobs?: readonly [string, string] }[] = [];
  for (let index = 0; index < rows.length; index += 1) {
    const row = rows[index] ?? "";
    if (row.startsWith("diff --git ")) files.push({ ...named(row.slice("diff --git ".length)), hunks: [] });
    const file = files.at(-1);
    if (file === undefined) continue;
    const blobs = /^index ([0-9a-f]{40,64})\.\.([0-9a-f]{40,64})(?: |$)/.exec(row);
    if (blobs !== null) file.blobs = [blobs[1] ?? "", blobs[2] ?? ""];
    if (row.startsWith("new file mode ")) file.pathBefore = "";
    else if (row.startsWith("deleted file mode ")) file.path = "";
    else if (row.startsWith("rename from ")) file.pathBefore = unquote(row.slice(12));
    else if (row.startsWith("rename to ")) file.path = unquote(row.slice(10));
    else if (row.startsWith("--- ")) file.pathBefore = side(row.slice(4), "a/");
    else if (row.startsWith("+++ ")) file.path = side(row.slice(4), "b/");
    const header = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(row);
    if (header === null) continue;
    const [oldStart, oldCount, newStart, newCount] = [1, 2, 3, 4].map((group) => Number(header[group] ?? 1)) as [number, number, number, number];
    const lines: string[] = [];
    let [old, now] = [oldCount, newCount];
    while ((old > 0 || now > 0) && index + 1 < rows.length) {
      const line = rows[index + 1] ?? "";
      const kind = line.charAt(0);
      if (kind === "\\") {
        index += 1;
        continue;
      }
      // With -w git prints some empty lines of context without their space.
      if (kind !== " " && kind !== "-" && kind !== "+" && line !== "") break;
      if (kind !== "+") old -= 1;
      if (kind !== "-") now -= 1;
      lines.push(line === "" ? " " : line);
      index += 1;
    }
    file.hunks.push({ oldStart, oldCount, newStart, newCount, lines });
  }
  return files;
}

/** 1-based new-side lines that a patch adds. */
export function addedLines(file: FilePatch): Set<number> {
  const added = new Set<number>();
  for (const hunk of file.hunks) {
    let line = hunk.newStart;
    for (const text of hunk.lines) {
      if (text.startsWith("+")) added.add(line);
      if (!text.startsWith("-")) line += 1;
    }
  }
  return added;
}

/** The path on both sides of `a/PATH b/PATH`: binary files have no rows that say it. Nothing where the sides differ; a rename says both below. */
function named(sides: string): { pathBefore: string; path: string } {
  const half = (sides.length - 1) / 2;
  const [before, after] = [side(sides.slice(0, half), "a/"), side(sides.slice(half + 1), "b/")];
  return before === after && Number.isInteger(half) ? { pathBefore: before, path: after } : { pathBefore: "", path: "" };
}

/** `/dev/null`, or a path after `a/` or `b/`; git ends an unquoted path that holds a space with a tab. */
function side(text: string, prefix: string): string {
  const path = unquote(text.replace(/\t$/, ""));
  return path === "/dev/null" || !path.startsWith(prefix) ? "" : path.slice(prefix.length);
}
