import type { Report } from "../types.ts";
import type { Cell, Sheet } from "./sheet.ts";
import { reportSheet } from "./sheets.ts";
import { cut, markdownText, plainText, widthOf } from "./text.ts";

const GAP = "  ";
const WIDTH_DEFAULT = 100;
const LABEL_WIDTH_MAX = 36;
const CELL_WIDTH_MAX = 60;
const HEADING_WIDTH = 16;
const MEANING_CHARACTERS = 1_000;

/** For a terminal of so many columns: what does not fit beside it goes into another block below, with the labels again. */
export function renderTable(report: Report, options: { readonly width?: number } = {}): string {
  return sheetTable(reportSheet(report), options.width);
}

/** With what each figure means, because a report that is handed on stands alone. */
export function renderMarkdown(report: Report): string {
  const meanings = report.measures.map(({ title, definition, denominator }) => `- ${markdownText(title)}: ${markdownText(definition, MEANING_CHARACTERS)} Out of: ${markdownText(denominator, MEANING_CHARACTERS)}`);
  return `${sheetMarkdown(reportSheet(report))}\n#### What the figures mean\n\n${meanings.join("\n")}\n`;
}

/** One line for each row and measure, the total last: exact numbers, with what they stand on. */
export function renderCsv(report: Report): string {
  const heading = ["by", "key", "label", "authorship", "changes", "deployed", "lines_added", "median_lines", "exposure", "measure", "unit", "value", "numerator", "denominator", "interval_low", "interval_high", "method", "warning"];
  const lines: Cell[][] = [];
  for (const row of [...report.rows, report.total]) {
    for (const { key, unit } of report.measures) {
      const figure = row.figures[key];
      if (figure === undefined) continue;
      const { changes, deployed, linesAdded, medianLines, exposure } = row.size;
      lines.push([report.query.by, row.key, row.label, row.authorship, changes, deployed, linesAdded, medianLines, exposure, key, unit, figure.value, figure.numerator, figure.denominator, figure.interval?.[0] ?? null, figure.interval?.[1] ?? null, figure.method, figure.warning]);
    }
  }
  return csv([heading, ...lines]);
}

export function sheetCsv(sheet: Sheet): string {
  return csv([sheet.columns.map(({ title }) => title), ...sheet.rows]);
}

export function sheetMarkdown(sheet: Sheet): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const table = [
    line(sheet.columns.map(({ title }) => markdownText(title))),
    line(sheet.columns.map(({ align }) => (align === "right" ? "---:" : "---"))),
    ...sheet.rows.map((row) => line(row.map((cell) => markdownText(textOf(cell))))),
  ];
  return `### ${markdownText(sheet.title)}\n\n${table.join("\n")}\n${sheet.below.map((one) => `\n- ${markdownText(one, 500)}`).join("")}\n`;
}

export function sheetTable(sheet: Sheet, width: number = WIDTH_DEFAULT): string {
  const rows = sheet.rows.map((row) => row.map((cell, i) => cut(plainText(textOf(cell)), i === 0 ? LABEL_WIDTH_MAX : CELL_WIDTH_MAX)));
  const headings = sheet.columns.map(({ title }, i) => wrap(title, i === 0 ? LABEL_WIDTH_MAX : Math.max(HEADING_WIDTH, ...rows.slice(0, 1).map((row) => widthOf(row[i] ?? "")))));
  const widths = sheet.columns.map((_, i) => Math.max(...(headings[i] ?? []).map(widthOf), ...rows.map((row) => widthOf(row[i] ?? ""))));
  const blocks = split(widths, width).map((columns) => block(sheet, headings, rows, widths, columns));
  return `${plainText(sheet.title)}\n\n${blocks.join("\n\n")}\n${sheet.below.map((one) => `\n${plainText(one, 500)}`).join("")}\n`;
}

/** Columns of each block: the first in all of them, and as many others as fit, at least one. */
function split(widths: readonly number[], width: number): number[][] {
  const blocks: number[][] = [];
  let [current, used]: [number[], number] = [[0], widths[0] ?? 0];
  for (let i = 1; i < widths.length; i += 1) {
    const more = GAP.length + (widths[i] ?? 0);
    if (current.length > 1 && used + more > width) {
      blocks.push(current);
      [current, used] = [[0], widths[0] ?? 0];
    }
    current.push(i);
    used += more;
  }
  return [...blocks, current];
}

function block(sheet: Sheet, headings: readonly (readonly string[])[], rows: readonly (readonly string[])[], widths: readonly number[], columns: readonly number[]): string {
  const pad = (text: string, i: number): string => {
    const space = " ".repeat(Math.max(0, (widths[i] ?? 0) - widthOf(text)));
    return sheet.columns[i]?.align === "right" ? space + text : text + space;
  };
  const height = Math.max(...columns.map((i) => headings[i]?.length ?? 0));
  const heads = Array.from({ length: height }, (_, at) => columns.map((i) => pad(headings[i]?.[at - (height - (headings[i]?.length ?? 0))] ?? "", i)));
  const rule = columns.map((i) => "─".repeat(widths[i] ?? 0));
  return [...heads, rule, ...rows.map((row) => columns.map((i) => pad(row[i] ?? "", i)))].map((cells) => cells.join(GAP).trimEnd()).join("\n");
}

/** Words over lines, none longer than the width unless one word is. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || widthOf(last) + 1 + widthOf(word) > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

/** RFC 4180: CRLF, quotes doubled. A text that a spreadsheet would take for a formula is shown as text. */
function csv(rows: readonly (readonly Cell[])[]): string {
  return rows.map((row) => `${row.map(csvCell).join(",")}\r\n`).join("");
}

/** What a spreadsheet takes for the beginning of a formula, behind white space and in full width too. */
const FORMULA = /^(?:[\t\r\n]|\s*[=+\-@\uff1d\uff0b\uff0d\uff20])/;

function csvCell(cell: Cell): string {
  if (cell === null) return "";
  if (typeof cell === "number") return String(cell);
  const safe = FORMULA.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function textOf(cell: Cell): string {
  return cell === null ? "" : typeof cell === "number" ? cell.toLocaleString("en-GB", { maximumFractionDigits: 2 }) : cell;
}
