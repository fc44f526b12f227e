import { describe, expect, it } from "vitest";
import { addedLines } from "./record.ts";

describe("addedLines", () => {
  it("numbers what a diff adds on the new side, even where the text looks like a header", () => {
    const diff = ["diff --git a/x.js b/x.js", "--- a/x.js", "+++ b/x.js", "@@ -1,2 +1,4 @@", " kept", "+one", "++++ b/y.js", " kept", "@@ -9 +11,2 @@ f", "-old", "+new", "+er", "diff --git a/z b/z", "--- a/z", "+++ /dev/null", "@@ -1 +0,0 @@", "-gone", ""].join("\n");
    expect([...addedLines(diff)]).toEqual([["x.js", [2, 3, 11, 12]]]);
  });
});
