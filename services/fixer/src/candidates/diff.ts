import { createTwoFilesPatch, FILE_HEADERS_ONLY } from "diff";


/** Unified diff of changed files, as git writes it. */
export function diffOf(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string {
  const parts: string[] = [];
  for (const [path, text] of [...after].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const old = before.get(path);
    if (old === text) continue;
    const patch = createTwoFilesPatch(old === undefined ? "/dev/null" : `a/${path}`, `b/${path}`, old ?? "", text, undefined, undefined, { context: 3, headerOptions: FILE_HEADERS_ONLY });
    parts.push(`diff --git a/${path} b/${path}\n${old === undefined ? "new file mode 100644\n" : ""}${patch}`);
  }
  return parts.join("");
}

/** Lines added and removed: the size of a change as a reader feels it. */
export function sizeOf(diff: string): { readonly added: number; readonly removed: number } {
  let added = 0;
  let removed = 0;
  for (const line of diff.split("\n")) {
    if (line.startsWith("+") && !line.startsWith("+++")) added += 1;
    if (line.startsWith("-") && !line.startsWith("---")) removed += 1;
  }
  return { added, removed };
}
