import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parsePatch } from "../git/patch.ts";
import { keysAt } from "./settings.ts";
import { editsOf } from "./change.ts";
import { codeLines, isAside } from "./code.ts";
import { findFunctions, functionAt } from "./functions.ts";
import { literalsOf } from "./places.ts";
import { stem, stems } from "./words.ts";

/** A patch with the whole file in one hunk, as ranking reads it. */
function patch(path: string, rows: readonly string[]): string {
  const old = rows.filter((row) => !row.startsWith("+")).length;
  const now = rows.filter((row) => !row.startsWith("-")).length;
  return `diff --git a/${path} b/${path}\n--- a/${path}\n+++ b/${path}\n@@ -1,${old} +1,${now} @@\n${rows.join("\n")}\n`;
}
const weights = (path: string, rows: readonly string[]): [string, string, number][] => editsOf(parsePatch(patch(path, rows))).map((edit) => [edit.kind, edit.code, Math.round(edit.weight * 100) / 100]);

describe("edits that can matter", () => {
  it.each<[string, string, string[]]>([
    ["comments", "a.js", [" f();", "-// old", "+// new", "+/* more", "+ * text */", " g();"]],
    ["comments of Python", "a.py", [" f()", "-# old", "+# new", '+"""Says', "+more.", '+"""']],
    ["layout and quotes", "a.js", ["-f( a,b, 'x' )", "+f(", "+  a,", "+  b,", '+  "x",', "+);"]],
    ["tests", "test/a.test.js", ["-f();", "+g();"]],
    ["documents", "README.md", ["-f();", "+g();"]],
    ["lock files", "package-lock.json", ["-1", "+2"]],
    ["brackets", "a.js", ["+}", "+});"]],
  ])("leaves out %s", (_, path, rows) => {
    expect(weights(path, rows)).toEqual([]);
  });

  it("keeps code, and how much each kind counts", () => {
    expect(weights("a.js", ["-return Math.min(a, b);", "+return a; // simpler"])).toEqual([["removed", "return Math.min(a, b);", 1], ["added", "return a;", 1]]);
    expect(weights("a.js", ['+console.log("x", y);'])).toEqual([["added", 'console.log("x", y);', 0.15]]);
    expect(weights("a.js", ['-throw new Error("Too bad today");', '+throw new Error("Not good today");']).map(([, , weight]) => weight)).toEqual([0.2, 0.2]);
    expect(weights("a.js", ["-let a = f();", "-g(a);", "+let b = f();", "+g(b);"]).map(([, , weight]) => weight)).toEqual([0.1, 0.1, 0.1, 0.1]);
    // Another name of a member, or one that other files see, is no mere rename.
    expect(weights("a.js", ["-g(x.a);", "+g(x.b);"]).map(([, , weight]) => weight)).toEqual([1, 1]);
    expect(weights("a.js", ["-export const a = 1;", "+export const b = 1;"]).map(([, , weight]) => weight)).toEqual([1, 1]);
  });

  it("takes moved code for moved, and another order within a function for a change", () => {
    expect(weights("a.js", ["-function f() {", "-  return compute(1);", "-}", " const x = 1;", "+function f() {", "+  return compute(1);", "+}"]).map(([, , weight]) => weight)).toEqual([0.15, 0.15, 0.15, 0.15]);
    expect(weights("a.js", [" function f() {", "-  acknowledge(job);", "   work(job);", "+  acknowledge(job);", " }"]).map(([, , weight]) => weight)).toEqual([0.7, 0.7]);
  });

  it("does not take an address in a text or a template for a comment", () => {
    expect(codeLines(['const a = "http://x"; // y', "const b = `/* ${c}", "// still */`; d()", "e(/\\/\\//);"], "a.ts")).toEqual(['const a = "http://x";', "const b = `/* ${c}", "// still */`; d()", "e(/\\/\\//);"]);
    expect(codeLines(['a = "#b"  # c', "d#e"], "a.py")).toEqual(['a = "#b"', "d#e"]);
  });

  it("knows what is aside", () => {
    for (const path of ["test/a.js", "src/__tests__/a.js", "a.spec.ts", "docs/x.js", ".kiro/specs/a/tasks.md", "yarn.lock", "a_test.go", "tests/test_a.py", "CHANGELOG"]) expect(isAside(path), path).toBe(true);
    for (const path of ["src/a.js", "src/latest.js", "config/default.yaml", "src/contest/a.py", "package.json"]) expect(isAside(path), path).toBe(false);
  });
});

describe("functions by layout", () => {
  const names = (text: string): [string, number, number][] => findFunctions(text.split("\n")).map((one) => [one.name, one.from, one.to]);

  it("finds those of JavaScript, and calls with objects are none", () => {
    expect(names("export async function a(\n  x,\n) {\n  if (x) {\n    y();\n  }\n}\nconst b = (x) => {\n  z();\n};\nclass C {\n  #d({ e }) {\n    annotate(e, {\n      f: 1,\n    });\n  }\n}")).toEqual([["a", 1, 7], ["b", 8, 10], ["d", 12, 16]]);
  });

  it("finds those of Python, and the innermost around a line", () => {
    const text = "def a(x):\n    y()\n\n    return x\n\nclass B:\n    async def c(self):\n        return 1\n";
    expect(names(text)).toEqual([["a", 1, 4], ["c", 7, 8]]);
    expect(functionAt(findFunctions(text.split("\n")), 8)?.name).toBe("c");
    expect(functionAt(findFunctions(text.split("\n")), 6)).toBeNull();
  });

  it("never throws, and every range lies in the text", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.constantFrom("function f() {", "  }", "}", "def g():", "    x => {", ") {"))), (lines) => {
        for (const one of findFunctions(lines)) expect(one.from >= 1 && one.from <= one.to && one.to <= lines.length).toBe(true);
      }),
    );
  });
});

describe("words and literals", () => {
  it("brings forms of a word together", () => {
    for (const [a, b] of [["confirmed", "confirmation"], ["orders", "order"], ["payments", "payment"], ["shipped", "shipping"], ["pricing", "price"], ["discounts", "discounted"]] as const) expect(stem(a), `${a} ${b}`).toBe(stem(b));
    expect(stems("shop.orderTotal = XMLParserConfig(42)")).toEqual(["shop", "order", "total", "xml", "pars", "config"]);
    expect(stems("orderTotals")).toEqual(stems("the order_total shall"));
  });

  it("looks for routes from their end and for names whole", () => {
    expect(literalsOf("POST /orders/:id/pay").filter((text) => text.startsWith('"'))).toEqual(['"/orders/:id/pay"', '"/:id/pay"', '"/pay"']);
    expect(literalsOf("shop.order.total")).toEqual(["shop.order.total"]);
    for (const text of ["total", "GET /", "", "a b c d e?", "-x"]) expect(literalsOf(text), text).toEqual([]);
  });
});

describe("patches", () => {
  it("reads quoted paths, renames and lines that look like headers", () => {
    const text = `diff --git "a/\\303\\274.js" "b/\\303\\274.js"\n--- "a/\\303\\274.js"\n+++ "b/\\303\\274.js"\n@@ -1,2 +1,2 @@\n--- a/x\n+++ b/y\n z\ndiff --git a/o.js b/n.js\nsimilarity index 100%\nrename from o.js\nrename to n.js\ndiff --git a/a b.js b/a b.js\nnew file mode 100644\n--- /dev/null\n+++ b/a b.js\t\n@@ -0,0 +1 @@\n+x\n\\ No newline at end of file\n`;
    expect(parsePatch(text).map((file) => [file.pathBefore, file.path, file.hunks.flatMap((hunk) => hunk.lines)])).toEqual([
      ["ü.js", "ü.js", ["--- a/x", "+++ b/y", " z"]],
      ["o.js", "n.js", []],
      ["", "a b.js", ["+x"]],
    ]);
  });

  it("never throws", () => {
    fc.assert(fc.property(fc.array(fc.oneof(fc.string(), fc.constantFrom("diff --git a/a.js b/a.js", "--- a/a.js", "+++ b/a.js", "@@ -1,3 +1,3 @@", "+x", "-y", " z"))), (rows) => void editsOf(parsePatch(rows.join("\n")))));
  });
});

describe("settings", () => {
  it("names the key that a line sets, with those above it", () => {
    const json = ["{", '  "payment": {', '    "timeoutMs": 5,', '    "currencies": [', '      "eur",', '      "usd"', "    ]", "  },", '  "audit": true', "}"];
    expect([3, 4, 6, 9].map((line) => keysAt(json, line, "config/default.json"))).toEqual([["timeoutMs", "payment"], ["currencies", "payment"], ["currencies", "payment"], ["audit"]]);
    expect(keysAt(["server:", "  # how long", "  limits:", "    - name: a", "      burst: 3"], 5, "app.yaml")).toEqual(["burst", "name", "limits", "server"]);
    expect(keysAt(["spring.mail.host=x"], 1, "app.properties")).toEqual(["host", "mail", "spring"]);
    expect(keysAt(["PAYMENT_URL=http://x"], 1, ".env.properties")).toEqual(["PAYMENT_URL"]);
  });

  it("gives a condition under which something is logged no more weight than the log", () => {
    expect(weights("a.js", ['+if (process.env.TRACE) {', '+  console.error("x", 1);', "+}"]).map(([, , weight]) => weight)).toEqual([0.15, 0.15]);
    expect(weights("a.js", ["+if (!cart) {", "+  return;", "+}"]).map(([, , weight]) => weight)).toEqual([1, 1]);
  });
});
