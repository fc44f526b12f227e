import { LIMITS } from "@firstfix/kit";
import type { SpecFile, SpecProblem } from "../types.ts";

/** A Markdown file as lines. Fenced code is blanked, so that examples in it are not read; line numbers stay. */
export interface MarkdownDocument {
  readonly file: SpecFile;
  readonly lines: readonly string[];
}

/** Null, with a problem, where the file is too large. */
export function markdownOf(file: SpecFile, problems: SpecProblem[]): MarkdownDocument | null {
  if (tooLarge(file, LIMITS.specFileBytes, problems)) return null;
  return { file, lines: maskFences(plainText(file.text).split("\n")) };
}

export function tooLarge(file: SpecFile, bytes: number, problems: SpecProblem[]): boolean {
  if (file.text.length <= bytes) return false;
  problems.push({ file: file.path, line: 0, message: `the file is larger than ${bytes} bytes`, hint: "Split the feature." });
  return true;
}

/** Without byte order mark and with one kind of line end. */
export function plainText(text: string): string {
  return text.replace(/^\uFEFF/u, "").replace(/\r\n?/gu, "\n");
}

function maskFences(lines: readonly string[]): string[] {
  let fence = "";
  return lines.map((line) => {
    const mark = /^ {0,3}(`{3,}|~{3,})(.*)$/u.exec(line);
    if (fence === "") {
      fence = mark?.[1] ?? "";
      return mark === null ? line : "";
    }
    // A fence is closed by the same mark, at least as long and with nothing behind it.
    if (mark !== null && mark[1]?.startsWith(fence) === true && mark[2]?.trim() === "") fence = "";
    return "";
  });
}

/** Markdown emphasis and code marks removed, spaces collapsed, cut at `chars`. */
export function inlineText(text: string, chars: number): string {
  return text.slice(0, 4 * chars).replace(/\*\*|__|`/gu, "").replace(/\s+/gu, " ").trim().slice(0, chars);
}
