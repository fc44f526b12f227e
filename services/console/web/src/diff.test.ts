import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseDiff } from "./diff.ts";

describe("a unified diff", () => {
  it("gives files, hunks and line numbers", () => {
    const files = parseDiff("diff --git a/src/a b.js b/src/a b.js\nindex 1..2 100644\n--- a/src/a b.js\n+++ b/src/a b.js\n@@ -3,3 +3,4 @@ function f() {\n one\n-two\n+2\n+2b\n three\n\\ No newline at end of file\n");
    expect(files).toHaveLength(1);
    expect(files[0]).toMatchObject({ path: "src/a b.js", added: 2, removed: 1 });
    expect(files[0]?.hunks[0]?.context).toBe("function f() {");
    expect(files[0]?.hunks[0]?.lines.map((one) => [one.kind, one.before, one.after])).toEqual([
      ["same", 3, 3],
      ["remove", 4, null],
      ["add", null, 4],
      ["add", null, 5],
      ["same", 5, 6],
      ["note", null, null],
    ]);
  });

  it("takes lines that look like headers for what they are within a hunk", () => {
    const [file, other] = parseDiff("--- a/x.sql\n+++ b/x.sql\n@@ -1,2 +1,2 @@\n--- old comment\n+-- new comment\n+++ counter\n-@@ -1 +1 @@\n--- a/y\n+++ b/y\n@@ -1 +1 @@\n-a\n+b\n");
    expect(file?.hunks[0]?.lines.map((one) => `${one.kind} ${one.text}`)).toEqual(["remove -- old comment", "add -- new comment", "add ++ counter", "remove @@ -1 +1 @@"]);
    expect(other?.path).toBe("y");
  });

  it("knows new, deleted and renamed files", () => {
    const files = parseDiff("diff --git a/n b/n\nnew file mode 100644\n--- /dev/null\n+++ b/n\n@@ -0,0 +1 @@\n+x\ndiff --git a/d b/d\ndeleted file mode 100644\n--- a/d\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\ndiff --git a/old b/new\nrename from old\nrename to new\n");
    expect(files.map((one) => [one.path, one.note])).toEqual([["n", "new file"], ["d", "deleted file"], ["new", "renamed from old"]]);
  });

  it("never throws, and loses no line of a hunk that it made itself", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => Array.isArray(parseDiff(text))));
    const line = fc.record({ mark: fc.constantFrom("+", "-", " "), text: fc.string({ unit: fc.constantFrom("-", "+", "@", " ", "a", "\\", "b/") }) });
    fc.assert(
      fc.property(fc.array(line, { minLength: 1 }), (lines) => {
        const before = lines.filter((one) => one.mark !== "+").length;
        const after = lines.filter((one) => one.mark !== "-").length;
        const text = `--- a/f\n+++ b/f\n@@ -1,${before} +1,${after} @@\n${lines.map((one) => one.mark + one.text).join("\n")}\n`;
        expect(parseDiff(text).flatMap((file) => file.hunks).flatMap((hunk) => hunk.lines).map((one) => one.text)).toEqual(lines.map((one) => one.text));
      }),
    );
  });
});
