import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { REPORT_LIMITS } from "./limits.ts";
import { ALL_MEASURES, AUTHOR_DIMENSIONS, CHANGE_MEASURES, measuresOf } from "./measures.ts";
import { DIMENSIONS } from "./types.ts";

const document = readFileSync(new URL("../../../docs/reports.md", import.meta.url), "utf8");

describe("docs/reports.md", () => {
  it.each([...ALL_MEASURES, ...CHANGE_MEASURES].map((one) => [one.key, one] as const))("defines %s as the code does", (key, { title, definition, denominator, reference }) => {
    expect(document).toContain(`| \`${key}\` | ${title}${reference === undefined ? "" : ` (beside ${reference.label})`} | ${definition} | ${denominator} |`);
  });

  it("defines nothing else", () => {
    expect(document.match(/^\| `/gm)).toHaveLength(ALL_MEASURES.length + CHANGE_MEASURES.length);
  });

  it("names the thresholds and bounds that the code has", () => {
    const said = document.replace(/\s+/g, " ");
    expect(said).toContain(`fewer than ${REPORT_LIMITS.sampleMin} cases`);
    expect(said).toContain(`within a factor of ${REPORT_LIMITS.sizeFactor}`);
    for (const bound of [REPORT_LIMITS.changes, REPORT_LIMITS.arrivals, REPORT_LIMITS.deployments]) expect(said).toContain(bound.toLocaleString("en-GB"));
    expect(said).toContain(`shows ${REPORT_LIMITS.rows} rows`);
  });
});

describe("measures", () => {
  it("have a key of their own, and parts of the whole only where rows are authors", () => {
    expect(new Set(ALL_MEASURES.map((one) => one.key)).size).toBe(ALL_MEASURES.length);
    for (const by of DIMENSIONS) expect(measuresOf(by).some((one) => one.key === "linesShare")).toBe(AUTHOR_DIMENSIONS.includes(by));
  });
});
