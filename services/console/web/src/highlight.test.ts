import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { highlight } from "./highlight.ts";

describe("colouring a line of code", () => {
  it("finds keywords, strings, numbers and comments", () => {
    expect(highlight('return f("a // b", 0.5); // why', "x.ts").filter((one) => one.kind !== "")).toEqual([
      { text: "return", kind: "keyword" },
      { text: '"a // b"', kind: "string" },
      { text: "0.5", kind: "number" },
      { text: "// why", kind: "comment" },
    ]);
    expect(highlight("this.#state = 1", "x.ts").some((one) => one.kind === "comment")).toBe(false);
    expect(highlight("return 1", "README.md")).toEqual([{ text: "return 1", kind: "" }]);
  });

  it("changes no text, and is quick on hostile lines", () => {
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom('"', "'", "`", "\\", "/", "*", "#", "a", "1", "_", " ", "$") }), (line) => highlight(line, "x.js").map((one) => one.text).join("") === line));
    const started = performance.now();
    for (const hostile of ['"\\'.repeat(500), "/*".repeat(500), "1_".repeat(500), " *".repeat(500)]) highlight(hostile, "x.js");
    expect(performance.now() - started).toBeLessThan(500);
  });
});
