import { describe, expect, it } from "vitest";
import { comparable, compare } from "./compare.ts";
import { measuresOf } from "./measures.ts";
import { nothing, share } from "./statistics.ts";
import { emptyClasses } from "./stratified.ts";
import type { Figure, ReportRow } from "./types.ts";

const SIZE = { changes: 200, deployed: 200, linesAdded: 8_000, medianLines: 40, deployedMedian: 40, deployedMean: 60, exposure: 20_000 };

function row(label: string, debugged: Figure, size: Partial<ReportRow["size"]> = {}): ReportRow {
  const figures = Object.fromEntries(measuresOf("assistant").map(({ key }) => [key, nothing("cases")]));
  return { key: `ai:${label}`, label, authorship: "ai", size: { ...SIZE, ...size }, sizes: emptyClasses(), figures: { ...figures, debugged } };
}

const said = (...rows: readonly ReportRow[]): object[] => compare(rows, measuresOf("assistant")).map(({ says, different }) => ({ says, different }));

describe("a comparison", () => {
  const good = share(10, 200, "deployed changes");
  const bad = share(60, 200, "deployed changes");

  it("is made where samples suffice, intervals are apart and sizes alike, whichever row stands first", () => {
    const says = "Changes that needed debugging: better for A, 5% (2.74–8.96%) of 200, than for B, 30% (24.1–36.7%) of 200, at changes of like size and use.";
    expect(said(row("A", good), row("B", bad))).toEqual([{ says, different: true }]);
    expect(said(row("B", bad), row("A", good))).toEqual([{ says, different: true }]);
  });

  it("says why nothing is concluded: too few, not alike, or chance", () => {
    const of = (...rows: readonly ReportRow[]): unknown => compare(rows, measuresOf("assistant"))[0]?.outcome;
    expect([of(row("A", good), row("B", bad)), of(row("A", good), row("B", good)), of(row("A", share(0, 19, "x")), row("B", bad)), of(row("A", good), row("B", bad, { deployedMedian: 160 })), of(row("A", good), row("B", bad, { exposure: 60_000 }))]).toEqual(["different", "chance", "few", "unlike", "unlike"]);
  });

  it("knows where more is better", () => {
    const held = (label: string, oneCycle: Figure): ReportRow => ({ ...row(label, nothing("x")), figures: { ...row(label, nothing("x")).figures, oneCycle } });
    expect(said(held("A", bad), held("B", good))[0]).toMatchObject({ says: expect.stringContaining("better for A, 30% (24.1–36.7%) of 200, than for B, 5%"), different: true });
  });

  it("is not made where one's changes were larger: it says so instead", () => {
    expect(said(row("A", good), row("B", bad, { deployedMedian: 160 }))).toEqual([{ says: "Changes that needed debugging: A and B are not compared: the changes of B were 4.0 times larger (median of those deployed: 160 and 40 lines).", different: false }]);
    expect(said(row("A", good), row("B", bad, { deployedMedian: 80 }))[0]).toMatchObject({ different: true });
    expect(said(row("A", good), row("B", bad, { deployedMedian: null }))[0]).toMatchObject({ different: false });
  });

  it("is not made where a few were much larger, though the median is alike, nor by what was written and not deployed", () => {
    expect(said(row("A", good), row("B", bad, { deployedMean: 1_822 }))[0]).toMatchObject({ says: expect.stringContaining("30.4 times larger (mean of those deployed: 1822 and 60 lines)"), different: false });
    expect(said(row("A", good), row("B", bad, { medianLines: 4_000 }))[0]).toMatchObject({ different: true });
  });

  it("is made within sizes where one's changes were larger and there are enough of like size", () => {
    const sizes = (debugged: number): ReportRow["sizes"] => emptyClasses().map((one, i) => (i === 1 ? { ...one, deployed: 200, debugged } : one));
    const [found] = said({ ...row("A", good), sizes: sizes(10) }, { ...row("B", bad, { deployedMedian: 160 }), sizes: sizes(60) });
    expect(found).toEqual({ says: "Changes that needed debugging: the changes of B were 4.0 times larger (median of those deployed: 160 and 40 lines); of changes of like size, the 200 of A needed it 0.17 times as often as the 200 of B (95%: 0.09–0.32).", different: true });
    expect(said({ ...row("A", good), sizes: sizes(10) }, { ...row("B", bad, { deployedMedian: 160 }), sizes: sizes(12) })[0]).toMatchObject({ says: expect.stringContaining("no difference beyond chance"), different: false });
  });

  it("is not made where one's changes were used much more", () => {
    expect(said(row("A", good), row("B", bad, { exposure: 60_000 }))).toEqual([{ says: "Changes that needed debugging: A and B are not compared: the changes of B were used 3.0 times as much.", different: false }]);
  });

  it("is made where what is not alike would have made the better one worse", () => {
    expect(said(row("A", good, { deployedMedian: 160 }), row("B", bad))).toEqual([{ says: "Changes that needed debugging: better for A, 5% (2.74–8.96%) of 200, than for B, 30% (24.1–36.7%) of 200, though the changes of A were 4.0 times larger (median of those deployed: 160 and 40 lines).", different: true }]);
    expect(said(row("B", bad), row("A", good, { exposure: 60_000 }))).toEqual([{ says: "Changes that needed debugging: better for A, 5% (2.74–8.96%) of 200, than for B, 30% (24.1–36.7%) of 200, though the changes of A were used 3.0 times as much.", different: true }]);
    // Not where one thing speaks for the one and another for the other.
    expect(said(row("A", good, { deployedMedian: 160 }), row("B", bad, { exposure: 60_000 }))[0]).toMatchObject({ says: expect.stringContaining("not compared: the changes of A were 4.0 times larger (median of those deployed: 160 and 40 lines), and the changes of B were used 3.0 times as much"), different: false });
    expect(said(row("A", good, { deployedMedian: 160 }), row("B", bad, { deployedMean: 1_822 }))[0]).toMatchObject({ different: false });
  });

  it("is not made of few cases", () => {
    expect(said(row("A", share(0, 19, "deployed changes")), row("B", bad))).toEqual([{ says: "Changes that needed debugging: A and B are not compared: A has only 19 deployed changes: below 20 nothing is compared.", different: false }]);
  });

  it("says nothing is shown where the intervals touch", () => {
    expect(said(row("A", share(10, 200, "x")), row("B", share(16, 200, "x")))).toEqual([{ says: "Changes that needed debugging: no difference between A, 5% (2.74–8.96%) of 200, and B, 8% (4.98–12.6%) of 200, beyond chance.", different: false }]);
  });

  it("needs more than intervals that do not touch where one is much wider, for pairs are many", () => {
    // p is about 0.03 of the first pair, below 0.005 of the second.
    for (const [few, isSaid] of [[14, false], [17, true]] as const) expect(said(row("A", share(few, 25, "x")), row("B", share(68_000, 200_000, "x")))[0]).toMatchObject({ different: isSaid });
    const sizes = (debugged: number): ReportRow["sizes"] => emptyClasses().map((one, i) => (i === 1 ? { ...one, deployed: 100, debugged } : one));
    // The 95% interval is without 1.
    expect(said({ ...row("A", good), sizes: sizes(7) }, { ...row("B", bad, { deployedMedian: 160 }), sizes: sizes(18) })[0]).toMatchObject({ says: expect.stringMatching(/0\.39 times .*0\.17–0\.89\): no difference beyond chance/), different: false });
  });

  it("tells which rows were compared", () => {
    const rows = Array.from({ length: 7 }, (_, i) => row(String(i), good));
    expect(comparable([...rows, { ...row("B", bad), key: "unknown", authorship: "unknown" }]).told).toEqual({ rows: rows.slice(0, 5).map(({ key }) => key), left: 2 });
  });

  it("is not made with work of unknown authors: it may be anybody's", () => {
    expect(said(row("A", good), { ...row("B", bad), key: "unknown", authorship: "unknown" })).toEqual([]);
  });

  it("never ranks by a share of code, and never what has no value", () => {
    const shares = { aiLines: share(0, 200, "x"), commitsShare: share(0, 200, "x") };
    const rows = [row("A", nothing("x")), row("B", nothing("x"))].map((one, i) => ({ ...one, figures: { ...one.figures, ...shares, linesShare: share(i * 200, 200, "x") } }));
    expect(compare(rows, measuresOf("assistant"))).toEqual([]);
  });
});
