import { afterAll, describe, expect, it } from "vitest";
import { blame } from "../git/blame.ts";
import { openRepository } from "../repository.ts";
import { GitSandbox } from "../testing/sandbox.ts";
import { rankSuspects } from "./rank.ts";

const boxes: GitSandbox[] = [];
afterAll(() => boxes.forEach((box) => box.remove()));
function sandbox(): GitSandbox {
  const box = new GitSandbox();
  boxes.push(box);
  return box;
}

const A = "export function a(input) {\n  const first = input.parts.head;\n  return first.name.length;\n}\n";
const finding = { places: [{ path: "src/a.js", line: 3, function: "a", weight: 1 }], symbols: ["a", "length"], files: [], scoreMin: 0.35, message: "Cannot read properties of undefined (reading 'length')" };

describe("a list of revisions to ignore", () => {
  it("is honoured, and whatever else its file holds does no harm", async () => {
    const box = sandbox();
    const good = box.commit("Start", { "src/a.js": A });
    const guilty = box.commit("Break", { "src/a.js": A.replace("first.name", "first.title") });
    const format = box.commit("Format", { "src/a.js": A.replace("first.name", "(first).title") });
    const hostile = ["--output=/tmp/owned", "../../etc/passwd", "$(touch x)", "0".repeat(40), `${format} # the formatter`, "a".repeat(100_000), "\u001b[2J\u202e", "f".repeat(64), guilty.slice(0, 39)];
    const bad = box.commit("List", { ".git-blame-ignore-revs": `${hostile.join("\n")}\n` });
    const repo = await openRepository(box.path);
    expect((await repo.blame(bad, "src/a.js", 3, 3)).map((line) => line.commit)).toEqual([guilty]);
    const ranking = await rankSuspects(repo, { ...finding, good, bad });
    expect(ranking.suspects.map((one) => one.commit.id)).toEqual([guilty]);
    expect(ranking.abstained).toBeNull();
  });

  it("can be no file at all", async () => {
    const box = sandbox();
    const good = box.commit("Start", { "src/a.js": A });
    const guilty = box.commit("Break", { "src/a.js": A.replace("first.name", "first.title") });
    const bad = box.commit("A folder of that name", { ".git-blame-ignore-revs/x": "y\n" });
    expect((await rankSuspects(await openRepository(box.path), { ...finding, good, bad })).suspects[0]?.commit.id).toBe(guilty);
  });
});

describe("a merge", () => {
  it("is seen through: what it merged is suspected, and never the merge", async () => {
    const box = sandbox();
    const good = box.commit("Start", { "src/a.js": A, "src/b.js": "export const b = 1;\n" });
    box.git("checkout", "--quiet", "-b", "side");
    const guilty = box.commit("Break", { "src/a.js": A.replace("first.name", "first.title") });
    box.git("checkout", "--quiet", "main");
    box.commit("Elsewhere", { "src/b.js": "export const b = two();\n" });
    box.git("merge", "--quiet", "--no-ff", "-m", "Merge side", "side");
    const bad = box.git("rev-parse", "HEAD");
    const { suspects, candidates } = await rankSuspects(await openRepository(box.path), { ...finding, good, bad });
    expect(suspects[0]?.commit.id).toBe(guilty);
    expect(candidates).toBe(2);
  });

  it("is suspected itself for what stands in neither of its parents", async () => {
    const box = sandbox();
    const good = box.commit("Start", { "src/a.js": A });
    box.git("checkout", "--quiet", "-b", "side");
    box.commit("One way", { "src/a.js": A.replace("first.name", "first.name.trim()") });
    box.git("checkout", "--quiet", "main");
    box.commit("Another way", { "src/a.js": A.replace("first.name", "String(first.name)") });
    box.git("merge", "--quiet", "--no-ff", "--no-commit", "--strategy=ours", "side");
    const bad = box.commit("Merge side", { "src/a.js": A.replace("first.name", "first.title") });
    const ranking = await rankSuspects(await openRepository(box.path), { ...finding, good, bad });
    expect(ranking).toMatchObject({ abstained: null, candidates: 3, suspects: [{ commit: { id: bad } }, {}, {}] });
    expect(ranking.suspects[0]?.parts[0]?.kind).toBe("line");
  });
});

describe("blame", () => {
  it("passes over the commits that it is told to, and sees a line through another name and another file", async () => {
    const box = sandbox();
    const good = box.commit("Start", { "src/a.js": A });
    const guilty = box.commit("Break", { "src/a.js": A.replace("first.name", "first.title") });
    const renamed = A.replace("first.name", "first.title").replaceAll("first", "leading");
    const rename = box.commit("Name things", { "src/a.js": renamed });
    const bad = box.commit("Move it", { "src/a.js": null, "src/other/a.js": `// moved\n${renamed}` });
    const repo = await openRepository(box.path);
    expect((await repo.blame(bad, "src/other/a.js", 4, 4)).map((line) => line.commit)).toEqual([rename]);
    expect((await blame(repo.location, bad, "src/other/a.js", 4, 4, [rename])).map((line) => line.commit)).toEqual([guilty]);
    const ranking = await rankSuspects(repo, { ...finding, places: [{ path: "src/other/a.js", line: 4, function: "a", weight: 1 }], good, bad });
    expect(ranking.suspects[0]?.commit.id).toBe(guilty);
    expect(ranking.suspects[0]?.parts[0]?.kind).toBe("line");
  });
});
