import { describe, expect, it } from "vitest";
import { measuresOf } from "../measures.ts";
import { census, nothing, share } from "../statistics.ts";
import type { Report, ReportRow } from "../types.ts";
import { showDuration, showFigure, showValue } from "./numbers.ts";
import { renderCsv, renderMarkdown, renderTable, sheetCsv, sheetMarkdown, sheetTable } from "./render.ts";
import { left, right, type Sheet } from "./sheet.ts";
import { markdownText, plainText, widthOf } from "./text.ts";

const HOSTILE = "=cmd|' /C calc'!A0\u001b[31m\u202e@team #12 <img src=x> [a](http://evil) `x` | y\nz";

function row(key: string, label: string): ReportRow {
  const figures = Object.fromEntries(measuresOf("assistant").map(({ key: measure }) => [measure, measure === "debugged" ? share(3, 10, "deployed changes") : nothing("cases")]));
  return { key, label, authorship: "ai", size: { changes: 1_234, deployed: 10, linesAdded: 99, medianLines: null, deployedMedian: null, deployedMean: null, exposure: 5 }, sizes: [], figures };
}

const REPORT: Report = { query: { by: "assistant", since: Date.UTC(2026, 0, 1) }, generatedAt: 0, measures: measuresOf("assistant"), rows: [row("ai:x", HOSTILE), row("unknown", "Unknown")], total: row("total", "All"), comparisons: [{ measure: "debugged", rows: ["a", "b"], says: `better for ${HOSTILE}`, different: true, outcome: "different" }], compared: { rows: [], left: 0 }, notes: [`note ${HOSTILE}`] };

describe("a table in the terminal", () => {
  it.each([60, 80, 120, 200])("fits into %i columns and moves no cursor", (width) => {
    const text = renderTable(REPORT, { width });
    // oxlint-disable-next-line no-control-regex -- they are what must not be there
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
    const table = text.split("\n\n").slice(1, -1).join("\n").split("\n");
    for (const line of table) expect(widthOf(line)).toBeLessThanOrEqual(Math.max(width, 36 + 2 + 26));
  });

  it("keeps its columns straight beside East Asian text and emoji", () => {
    const sheet: Sheet = { title: "t", columns: [left("Name"), right("n")], rows: [["漢字", 1], ["né", 22], ["🙂", 3]], below: [] };
    expect(sheetTable(sheet, 80)).toBe("t\n\nName   n\n────  ──\n漢字   1\nné    22\n🙂     3\n\n");
  });

  it("says the period, and its time of day where it does not begin with one", () => {
    const titled = (since: number, until: number): string => renderTable({ ...REPORT, query: { by: "assistant", since, until } }).split("\n")[0] ?? "";
    expect(titled(Date.UTC(2026, 0, 1), Date.UTC(2026, 1, 1))).toBe("Reliability by assistant, from 2026-01-01, before 2026-02-01");
    expect(titled(Date.UTC(2026, 0, 1, 6, 30), Date.UTC(2026, 0, 1, 18))).toBe("Reliability by assistant, from 2026-01-01 06:30 UTC, before 2026-01-01 18:00 UTC");
  });

  it("says which figures are of too few cases, and the difference found", () => {
    expect(renderTable(REPORT)).toMatch(/30% \(10\.8–60\.3%\) of 10 \*/);
    expect(renderTable(REPORT)).toContain("better for =cmd");
    const unlike = { measure: "debugged", rows: ["a", "b"], says: "a and b are not compared: the changes of b were 4.0 times larger.", different: false, outcome: "unlike" } as const;
    expect(renderTable({ ...REPORT, comparisons: [unlike] })).toContain("4.0 times larger");
    expect(renderTable({ ...REPORT, comparisons: [unlike] })).not.toContain("No difference");
    expect(renderTable({ ...REPORT, comparisons: [{ ...unlike, outcome: "chance" }] })).toContain("No difference between rows is shown");
  });
});

describe("CSV", () => {
  it("is RFC 4180: one line per row and measure, quotes doubled, CRLF", () => {
    const lines = renderCsv(REPORT).split("\r\n");
    expect(lines.at(-1)).toBe("");
    expect(lines.length - 2).toBe(3 * REPORT.measures.length);
    expect(sheetCsv({ title: "", columns: [left('a"b'), left("c")], rows: [["x,y", "l1\nl2"], ["", null], [1.5, 2]], below: [] })).toBe('"a""b",c\r\n"x,y","l1\nl2"\r\n,\r\n1.5,2\r\n');
  });

  it.each(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "\u00a0=1", "\uff1d1", "\uff20SUM"])("shows %j as text, not as a formula", (cell) => {
    expect(sheetCsv({ title: "", columns: [left("a")], rows: [[cell]], below: [] }).slice(3)).toMatch(/^"?'/);
  });

  it("keeps numbers exact", () => {
    expect(renderCsv(REPORT)).toMatch(/,debugged,share,0\.3,3,10,0\.107\d+,0\.603\d+,wilson,only 10 deployed changes: below 20 nothing is compared\r\n/);
  });
});

describe("Markdown", () => {
  it("keeps a hostile name in its cell, as text", () => {
    const text = renderMarkdown(REPORT);
    const rows = text.split("\n").filter((line) => line.startsWith("|"));
    expect(rows).toHaveLength(2 + 3);
    const cells = rows.map((line) => line.replaceAll("\\|", "").split("|").length);
    expect(new Set(cells).size).toBe(1);
    expect(text).not.toMatch(/(?<!\\)<img|(?<!\\)\[a\]|@team|#12|:\/\/evil/);
  });

  it("says what every figure means and what it is out of", () => {
    const text = renderMarkdown(REPORT);
    for (const { title } of REPORT.measures) expect(text).toContain(`\n- ${title}: `);
    expect(text).toContain("30% (10.8–60.3%) of 10 \\*");
    expect(text.match(/ Out of: /g)).toHaveLength(REPORT.measures.length);
  });

  it("escapes what GitHub and GitLab would act on", () => {
    expect(markdownText("a_b*c`d")).toBe("a\\_b\\*c\\`d");
    expect(markdownText("@a/b #1 !2 ~l")).toBe("@\u200ba/b #\u200b1 \\!\u200b2 \\~\u200bl");
    expect(markdownText("Fixes GH-26 by 0123456789ab")).toBe("Fixes GH-\u200b26 by 012\u200b3456789ab");
    expect(markdownText("see https://x.example or www.x.example")).toBe("see https:\u200b//x.example or www\u200b.x.example");
    expect(sheetMarkdown({ title: "# x", columns: [left("a|b")], rows: [["c\nd"]], below: ["<b>"] })).toBe("### # x\n\n| a\\|b |\n| --- |\n| c d |\n\n- \\<b\\>\n");
  });
});

describe("text", () => {
  it("is one bounded line without control and format characters", () => {
    expect(plainText("a\u001b[2Jb\r\nc\u200bd\u202ee\ud800f")).toBe("a[2Jb cdef");
    expect(plainText("x".repeat(1e6)).length).toBe(300);
  });

  it("says values in their unit", () => {
    expect([showValue(0.4312, "share"), showValue(null, "share"), showValue(0, "share"), showValue(1, "share"), showValue(12_345.6, "count"), showValue(0.0567, "per-thousand")]).toEqual(["43.1%", "–", "0%", "100%", "12,346", "0.06"]);
    expect([showDuration(0), showDuration(1_500), showDuration(90_000), showDuration(5_400_000), showDuration(172_800_000)]).toEqual(["0 ms", "1.5 s", "1.5 min", "1.5 h", "2 d"]);
    expect(showFigure(share(43, 100, "x"), "share")).toBe("43% (33.7–52.8%)");
  });

  it("never says all of what is almost all, nor nothing of what is next to nothing", () => {
    expect([400_050 / 400_200, 0.9994, 0.99951, 1 - 1e-12, 1e-12, 0.000_04, 0.000_06].map((value) => showValue(value, "share"))).toEqual([">99.9%", "99.9%", ">99.9%", ">99.9%", "<0.01%", "<0.01%", "0.01%"]);
    expect([showValue(0.001, "per-thousand"), showValue(0.001, "count"), showDuration(0.001)]).toEqual(["<0.01", "<0.01", "<0.01 ms"]);
    expect(showFigure(census(400_050, 400_200, "lines standing"), "share")).toBe(">99.9%");
  });
});
