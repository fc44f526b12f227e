import fc from "fast-check";
import { transformWithOxc } from "vite";
import { describe, expect, it } from "vitest";
import type { StackFrame } from "../types.ts";
import { applySourceMaps } from "./apply.ts";
import { debugIdIn, mapAddressIn, readSourceMap, SOURCE_MAP_LIMITS, withoutContents } from "./read.ts";

const frame = (file: string, line: number, column: number, name = ""): StackFrame => ({ function: name, file, path: "", line, column, inApp: true });
const compiled = await transformWithOxc("interface A { b: number }\n\n\nexport function total(a: A | null): number {\n  return a!.b;\n}\n", "cart.ts", { sourcemap: true });
const text = JSON.stringify({ ...compiled.map, sourceRoot: "../src", sourcesContent: ["x"], debugId: "85314830-023F-4cf1-a267-535f4e37bb17" });

describe("readSourceMap", () => {
  it("finds the place in the source, by column or by the line alone", () => {
    const reader = readSourceMap(text);
    expect(compiled.code.split("\n")[1]).toBe("\treturn a.b;");
    expect(reader.place(2, 2)).toMatchObject({ source: "../src/cart.ts", line: 5, column: 3 });
    expect(reader.place(2, 0)).toMatchObject({ line: 5 });
    expect(reader.place(999, 1)).toBeNull();
    expect(reader.debugId).toBe("85314830-023f-4cf1-a267-535f4e37bb17");
  });

  it("reads index maps, each section from its offset on", () => {
    const plain = { version: 3, sources: ["a.ts"], names: [], mappings: "AAAA;AACA" };
    const sections = readSourceMap(JSON.stringify({ version: 3, sections: [{ offset: { line: 10, column: 4 }, map: { ...plain, sources: ["b.ts"] } }, { offset: { line: 0, column: 0 }, map: plain }] }));
    expect([sections.place(1, 1), sections.place(2, 7)]).toMatchObject([{ source: "a.ts", line: 1 }, { source: "a.ts", line: 2 }]);
    expect([sections.place(11, 5), sections.place(12, 1)]).toMatchObject([{ source: "b.ts", line: 1 }, { source: "b.ts", line: 2 }]);
    expect(sections.place(11, 2)).toBeNull();
  });

  it("keeps nothing but what it needs, and the same places", () => {
    const lean = withoutContents(text);
    expect(lean).not.toContain("sourcesContent");
    expect(readSourceMap(lean).place(2, 5)).toEqual(readSourceMap(text).place(2, 5));
    expect(readSourceMap(lean).debugId).toBe(readSourceMap(text).debugId);
  });

  it.each([
    ["no JSON", "<html>"],
    ["another version", '{"version":2,"sources":[],"mappings":""}'],
    ["no mappings", '{"version":3,"sources":[]}'],
    ["decoded mappings", '{"version":3,"sources":[],"mappings":[]}'],
    ["mappings without end", JSON.stringify({ version: 3, sources: [], mappings: ";".repeat(SOURCE_MAP_LIMITS.mappingsChars + 1) })],
    ["too many sections", JSON.stringify({ version: 3, sections: Array.from({ length: SOURCE_MAP_LIMITS.sections + 1 }, () => 0) })],
    ["sections in sections", '{"version":3,"sections":[{"offset":{"line":0,"column":0},"map":{"version":3,"sections":[]}}]}'],
    ["an offset below zero", '{"version":3,"sections":[{"offset":{"line":-1,"column":0},"map":{"version":3,"sources":[],"mappings":""}}]}'],
  ])("refuses %s", (_why, bad) => {
    expect(() => readSourceMap(bad)).toThrow(expect.objectContaining({ code: "bad_request" }) as Error);
  });

  it("gives bounded places or none, whatever the mappings say", () => {
    const vlq = fc.string({ unit: fc.constantFrom("A", "B", "C", "D", "E", "g", "h", "+", "/", "9", ",", ";", "D"), maxLength: 200 });
    fc.assert(
      fc.property(vlq, fc.array(fc.string({ maxLength: 20 }), { maxLength: 3 }), fc.integer({ min: -3, max: 50 }), fc.integer({ min: -3, max: 50 }), (mappings, sources, line, column) => {
        const place = readSourceMap(JSON.stringify({ version: 3, sources, names: ["n"], mappings })).place(line, column);
        if (place !== null) expect(place.line >= 1 && place.column >= 1 && sources.includes(place.source)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

describe("applySourceMaps", () => {
  const reader = (sources: string[]): ReturnType<typeof readSourceMap> => readSourceMap(JSON.stringify({ version: 3, sources, names: [], mappings: "AAAA;AACA" }));
  const file = (source: string, generated: string | null = null): string | undefined => applySourceMaps([frame("/app/dist/x.js", 1, 1)], () => ({ reader: reader([source]), generated }))[0]?.file;

  it("never lets a source leave the repository, and cleans what bundlers write", () => {
    expect(file("../src/a.ts", "dist/x.js")).toBe("src/a.ts");
    expect(file("../../../../etc/passwd", "dist/x.js")).toBe("etc/passwd");
    expect(file("../../src/a.ts")).toBe("src/a.ts");
    expect(file("webpack://shop/./src/a.ts?ab12", "dist/x.js")).toBe("src/a.ts");
    expect(file("file:///C:/build/src/a.ts")).toBe("C:/build/src/a.ts");
    expect(applySourceMaps([frame("/app/dist/x.js", 1, 1)], () => ({ reader: reader(["../node_modules/left-pad/index.js"]), generated: "dist/x.js" }))[0]?.inApp).toBe(false);
  });

  it("does not map what is a source already, nor what is no script", () => {
    const twice = (path: string): string | undefined => applySourceMaps([frame(path, 2, 1)], () => ({ reader: reader(["../src/cart.js"]), generated: null }))[0]?.file;
    expect(twice("/app/src/cart.js")).toBe("/app/src/cart.js");
    expect(twice("/app/dist/cart.js")).toBe("src/cart.js");
    expect(twice("/app/main.py")).toBe("/app/main.py");
  });
});

it("finds what a generated file says of its map", () => {
  const generated = 'x();\n//# sourceMappingURL=old.map\ny();\n//# sourceMappingURL=main.js.map\n//# debugId=85314830-023F-4cf1-a267-535f4e37bb17\n';
  expect(mapAddressIn(generated)).toBe("main.js.map");
  expect(debugIdIn(generated)).toBe("85314830-023f-4cf1-a267-535f4e37bb17");
  expect([mapAddressIn("x"), debugIdIn("x")]).toEqual(["", ""]);
});
