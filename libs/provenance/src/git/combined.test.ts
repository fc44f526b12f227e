import { afterAll, describe, expect, it } from "vitest";
import { openRepository } from "../repository.ts";
import { GitSandbox } from "../testing/sandbox.ts";
import { resolutionOf } from "./combined.ts";
import { parsePatch } from "./patch.ts";

const boxes: GitSandbox[] = [];
afterAll(() => boxes.forEach((box) => box.remove()));

const FILE = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", ""].join("\n");

/** A merge of two branches that both change line five, resolved to `files`. */
function merged(ours: Readonly<Record<string, string | null>>, theirs: Readonly<Record<string, string | null>>, files: Readonly<Record<string, string | null>>): { readonly box: GitSandbox; readonly id: string } {
  const box = new GitSandbox();
  boxes.push(box);
  box.commit("Start", { "a.js": FILE, "b.js": "b\n" });
  box.git("checkout", "--quiet", "-b", "side");
  box.commit("Theirs", theirs);
  box.git("checkout", "--quiet", "main");
  box.commit("Ours", ours);
  box.git("merge", "--quiet", "--no-ff", "--no-commit", "--strategy=ours", "side");
  return { box, id: box.commit("Merge side", files) };
}

describe("what a merge did itself", () => {
  it("is what stands in neither parent, and what both had, as a diff with the merge's own line numbers", async () => {
    const { box, id } = merged({ "a.js": FILE.replace("five", "5") }, { "a.js": FILE.replace("five", "FIVE") }, { "a.js": FILE.replace("five", "fifth").replace("nine\n", "").replace("one\n", "zero\none\n"), "b.js": "b\n" });
    const patch = await (await openRepository(box.path)).diff(id, { contextLines: 0 });
    const [file, ...others] = parsePatch(patch);
    expect(others).toEqual([]);
    expect(file).toMatchObject({ pathBefore: "a.js", path: "a.js" });
    expect(file?.hunks.map(({ oldStart, newStart, lines }) => [oldStart, newStart, lines])).toEqual([
      [0, 1, ["+zero"]],
      // Before the merge did anything itself, no fifth line was agreed upon.
      [4, 6, ["+fifth"]],
      [8, 9, ["-nine"]],
    ]);
  });

  it("is nothing where it only took sides, and holds files that it brought or took away", async () => {
    const clean = merged({ "a.js": FILE.replace("five", "5") }, { "b.js": "B\n" }, { "a.js": FILE.replace("five", "5"), "b.js": "B\n" });
    expect(await (await openRepository(clean.box.path)).diff(clean.id)).toBe("");
    const brought = merged({ "a.js": FILE.replace("five", "5") }, { "a.js": FILE.replace("five", "FIVE") }, { "a.js": FILE.replace("five", "5"), "new file.js": "--- a\n+++ b\n@@@ -1 -1 +1 @@@\n", "b.js": null });
    const files = parsePatch(await (await openRepository(brought.box.path)).diff(brought.id));
    expect(files.map(({ pathBefore, path, hunks }) => [pathBefore, path, hunks.flatMap(({ lines }) => lines)])).toEqual([
      ["b.js", "", ["-b"]],
      ["", "new file.js", ["+--- a", "++++ b", "+@@@ -1 -1 +1 @@@"]],
    ]);
  });

  it("bears what is no combined diff", () => {
    for (const text of ["", "diff --cc a\n", "@@@ -1 -1 +1 @@@\n++a", "diff --cc a\n--- a/a\n+++ b/a\n@@@ -1,9 -1,9 +1,9 @@@\n++a\n", "\0"]) expect(() => resolutionOf(text)).not.toThrow();
  });
});
