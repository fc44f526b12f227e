const CELL_CHARACTERS = 300;

/** Text of repositories and telemetry as one line that moves no cursor and hides nothing. */
export function plainText(text: string, max: number = CELL_CHARACTERS): string {
  const line = text.slice(0, max * 2).replace(/[\r\n\t]+/g, " ").replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, "");
  return line.length <= max ? line : `${line.slice(0, max - 1)}…`;
}

const ZERO_WIDTH_SPACE = "\u200b";

/**
 * Text as it stands, in Markdown: no markup, no HTML, no table cell of its own; and on GitHub and GitLab no mention, no
 * reference to an issue and no link, because a commit's subject must not call people or lead anywhere.
 */
export function markdownText(text: string, max?: number): string {
  return plainText(text, max)
    .replace(/[\\`*_{}[\]<>|~$&!]/g, "\\$&")
    .replace(/([@#!~%&$])(?=[\w-])/g, `$1${ZERO_WIDTH_SPACE}`)
    // GitHub's other forms: an issue by GH-1, a commit by its bare id.
    .replace(/\bGH-(?=\d)/gi, (found) => `${found}${ZERO_WIDTH_SPACE}`)
    .replace(/\b[0-9a-f]{7,64}\b/gi, (id) => `${id.slice(0, 3)}${ZERO_WIDTH_SPACE}${id.slice(3)}`)
    .replace(/:\/\//g, `:${ZERO_WIDTH_SPACE}//`)
    .replace(/\bwww\./gi, (found) => `${found.slice(0, 3)}${ZERO_WIDTH_SPACE}.`);
}

/** Columns of a terminal that a text takes: East Asian characters and emoji take two. */
export function widthOf(text: string): number {
  let width = 0;
  for (const char of text) width += /\p{M}/u.test(char) ? 0 : WIDE.test(char) ? 2 : 1;
  return width;
}

const WIDE = /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]|\p{Extended_Pictographic}(?<![\u00a9\u00ae\u2000-\u2bff])/u;

/** At most so many columns, the end cut off. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let kept = "";
  for (const char of text) {
    if (widthOf(kept) + widthOf(char) > width - 1) break;
    kept += char;
  }
  return `${kept}…`;
}
