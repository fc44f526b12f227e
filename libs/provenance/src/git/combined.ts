/**
 * What a merge did itself, as a unified diff: of git's combined diff the lines that stand in no parent, and those that all
 * parents have and the merge has not. "" where it only took from its parents.
 * ```
 * file = "diff --" ("combined" | "cc") SP path LF *header "--- " old LF "+++ " new LF *hunk
 * hunk = n+1 × "@" 1*( SP "-" a["," n] ) SP "+" b["," m] SP n+1 × "@" … LF *( n columns text LF )
 * ```
 * with one column for each of the n parents: "+" not in it, "-" only there, " " either.
 */
export function resolutionOf(combined: string): string {
  const rows = combined.split("\n");
  const result: string[] = [];
  let paths: string[] = [];
  let shift = 0;
  for (let at = 0; at < rows.length; at += 1) {
    const row = rows[at] ?? "";
    if (/^diff --(?:combined|cc) /.test(row)) {
      paths = [];
      shift = 0;
    } else if (row.startsWith("--- ") || row.startsWith("+++ ")) paths.push(row);
    const header = HUNK.exec(row);
    if (header === null) continue;
    const { lines, next } = readHunk(rows, at + 1, countsOf(header[2] ?? ""), Number(header[4] ?? 1));
    at = next - 1;
    const [added, removed] = ["+", "-"].map((sign) => lines.filter((line) => line.startsWith(sign)).length) as [number, number];
    const start = Number(header[3]);
    if (added + removed > 0) {
      if (paths.length === 2) result.push(`diff --git ${paths.map((path) => path.slice(4)).join(" ")}`, ...paths);
      paths = [];
      // A side without lines is named by the line before it; in combined diffs it is not.
      const side = (from: number, count: number): string => `${count === 0 ? from - 1 : from},${count}`;
      result.push(`@@ -${side(start - shift, lines.length - added)} +${side(start, lines.length - removed)} @@`, ...lines);
    }
    shift += added - removed;
  }
  return result.length === 0 ? "" : `${result.join("\n")}\n`;
}

const HUNK = /^(@@@+) ((?:-\d+(?:,\d+)? )+)\+(\d+)(?:,(\d+))? @@@+/;

/** How many lines of each parent a hunk holds, so that a line that looks like a header is not taken for one. */
function countsOf(parents: string): number[] {
  return parents.trim().split(" ").map((range) => Number(range.split(",")[1] ?? 1));
}

function readHunk(rows: readonly string[], from: number, left: number[], newLines: number): { readonly lines: readonly string[]; readonly next: number } {
  const lines: string[] = [];
  let [at, now] = [from, newLines];
  while (at < rows.length && (now > 0 || left.some((count) => count > 0))) {
    // With -w git prints some empty lines without their columns.
    const row = rows[at] === "" ? " ".repeat(left.length) : (rows[at] ?? "");
    at += 1;
    if (row.startsWith("\\")) continue;
    const columns = row.slice(0, left.length);
    const gone = columns.includes("-");
    for (let parent = 0; parent < left.length; parent += 1) if (columns[parent] === (gone ? "-" : " ")) left[parent] = (left[parent] ?? 0) - 1;
    if (!gone) now -= 1;
    const everywhere = columns === (gone ? "-" : "+").repeat(left.length);
    if (!gone || everywhere) lines.push(`${everywhere ? columns.charAt(0) : " "}${row.slice(left.length)}`);
  }
  return { lines, next: at };
}
