import type { Finding, StackFrame } from "@firstfix/incident";
import { describe, expect, it } from "vitest";
import { addedLines } from "./record.ts";
import { placesOf, symbolsOf } from "./symbols.ts";

const frame = (path: string, line: number, inApp = true): StackFrame => ({ function: `Cart.fee${line}`, file: `/app/${path}`, path, line, column: 1, inApp });
const base: Finding = { kind: "error", key: "k", title: "t", witness: { traceId: "", spanId: "", operation: "POST /pay", time: 0 }, count: 1, firstSeen: 0 };

describe("what suspicion starts from", () => {
  it("takes mapped in-app frames, innermost heaviest", () => {
    const error = { type: "E", message: "x", stacktrace: "", frames: [frame("src/a.js", 1), frame("src/lib.js", 2, false), frame("", 3), frame("src/b.js", 4)] };
    expect(placesOf([{ ...base, error }])).toEqual([
      { path: "src/a.js", line: 1, function: "Cart.fee1", weight: 1 },
      { path: "src/b.js", line: 4, function: "Cart.fee4", weight: 0.7 },
    ]);
  });
  it("names functions and quoted names of an error, and what a check quotes, whole", () => {
    const error = { type: "TypeError", message: "Cannot read properties of undefined (reading 'total')", stacktrace: "", frames: [frame("src/a.js", 1)] };
    expect(symbolsOf([{ ...base, error }])).toEqual(["POST /pay", "fee1", "total"]);
    const violation = { checkName: "paid", requirementId: "1", requirementTitle: "", requirementText: "THE Shop SHALL ship", file: "", line: 1, specBlob: "", detail: "", check: ['when: has(span.attributes["shop.order.id"])', 'eventually: span.name == "order.ship"'] };
    expect(symbolsOf([{ ...base, kind: "violation", violation }])).toEqual(["POST /pay", "shop.order.id", "order.ship", "paid", "the", "shop", "shall", "ship"]);
  });
});

describe("addedLines", () => {
  it("numbers what a diff adds on the new side, even where the text looks like a header", () => {
    const diff = ["diff --git a/x.js b/x.js", "--- a/x.js", "+++ b/x.js", "@@ -1,2 +1,4 @@", " kept", "+one", "++++ b/y.js", " kept", "@@ -9 +11,2 @@ f", "-old", "+new", "+er", "diff --git a/z b/z", "--- a/z", "+++ /dev/null", "@@ -1 +0,0 @@", "-gone", ""].join("\n");
    expect([...addedLines(diff)]).toEqual([["x.js", [2, 3, 11, 12]]]);
  });
});
