import { afterAll, describe, expect, it } from "vitest";
import { openRepository } from "../../repository.ts";
import { GitSandbox } from "../../testing/sandbox.ts";
import type { SuspectRanking } from "../../types.ts";
import { rankSuspects, type RankOptions } from "../rank.ts";

const boxes: GitSandbox[] = [];
afterAll(() => boxes.forEach((box) => box.remove()));

const CODE = 'import { pad as padded } from "pad";\n\nexport function label(text) {\n  const width = 3;\n  return padded(text, width);\n}\n\nexport function other() {\n  return 1;\n}\n';
const lock = (version: string, other = "3.0.0"): string => `${JSON.stringify({ lockfileVersion: 3, packages: { "node_modules/kept": { version: other }, "node_modules/pad": { version } } }, null, 2)}\n`;

async function ranked(folder: string, commits: readonly Readonly<Record<string, string>>[], more: Partial<RankOptions> = {}, start: Readonly<Record<string, string>> = {}): Promise<{ readonly ranking: SuspectRanking; readonly ids: readonly string[] }> {
  const box = new GitSandbox();
  boxes.push(box);
  const good = box.commit("Start", { "shop/src/a.js": CODE, [`${folder}package-lock.json`]: lock("1.0.0"), ...start });
  const ids = commits.map((files, at) => box.commit(`Commit ${at}`, files));
  const ranking = await rankSuspects(await openRepository(box.path), { good, bad: ids.at(-1) ?? good, places: [{ path: "shop/src/a.js", line: 5, function: "label", weight: 1 }], symbols: ["padded"], files: [], scoreMin: 0.35, message: "padded is not a function", within: ["shop/"], ...more });
  return { ranking, ids };
}

describe("a package that the failing line uses", () => {
  const harmless = { "shop/src/a.js": CODE.replace("return 1", "return 2") };

  it("names the commit that exchanged it, in a lock file of the folder or above it", async () => {
    for (const folder of ["shop/", ""]) {
      const { ranking, ids } = await ranked(folder, [{ [`${folder}package-lock.json`]: lock("2.0.0") }, harmless]);
      expect(ranking.abstained).toBeNull();
      expect(ranking.suspects[0]?.commit.id).toBe(ids[0]);
      expect(ranking.suspects[0]?.parts[0]?.says).toBe(`Changes the version of pad from 1.0.0 to 2.0.0 in ${folder}package-lock.json, which the line of label at shop/src/a.js:5 uses.`);
    }
  });

  it("and neither that of another package, nor of another service", async () => {
    for (const files of [{ "shop/package-lock.json": lock("1.0.0", "4.0.0") }, { "tax/package-lock.json": lock("2.0.0") }]) {
      const folder = Object.keys(files)[0]?.replace("package-lock.json", "") ?? "";
      const { ranking, ids } = await ranked(folder, [files, harmless]);
      expect(ranking.abstained).not.toBeNull();
      expect(ranking.suspects.map(({ commit }) => commit.id)).not.toContain(ids[0]);
    }
  });
});

describe("a package that the error was thrown in", () => {
  const harmless = { "shop/src/a.js": CODE.replace("return 1", "return 2") };
  const through = [{ file: "/app/node_modules/kept/lib/cut.js", function: "cut" }, { file: "/app/node_modules/kept/lib/all.js", function: "all" }, { file: "/app/node_modules/pad/index.js", function: "left" }];

  it("names the commit that exchanged it, though no code of the application imports it", async () => {
    const { ranking, ids } = await ranked("", [{ "package-lock.json": lock("1.0.0", "4.0.0") }, harmless], { through, message: "Cannot read properties of undefined" });
    expect(ranking.abstained).toBeNull();
    expect(ranking.suspects[0]?.commit.id).toBe(ids[0]);
    expect(ranking.suspects[0]?.parts[0]).toMatchObject({ kind: "file", score: 0.468, says: "Changes the version of kept from 3.0.0 to 4.0.0 in package-lock.json, in whose code the error was thrown (cut)." });
  });

  it("counts more than one that the error passed later, and the line that the caller changed counts more than either", async () => {
    const both = await ranked("", [{ "package-lock.json": lock("2.0.0") }, { "package-lock.json": lock("2.0.0", "4.0.0") }], { through, places: [] });
    expect(both.ranking.suspects.map(({ commit, parts }) => [commit.id, parts[0]?.says])).toEqual([
      [both.ids[1], "Changes the version of kept from 3.0.0 to 4.0.0 in package-lock.json, in whose code the error was thrown (cut)."],
      [both.ids[0], "Changes the version of pad from 1.0.0 to 2.0.0 in package-lock.json, in whose code the error passed (left)."],
    ]);
    const { ranking, ids } = await ranked("", [{ "package-lock.json": lock("1.0.0", "4.0.0") }, { "shop/src/a.js": CODE.replace("text, width", "text, width + 1") }], { through });
    expect(ranking.suspects[0]?.commit.id).toBe(ids[1]);
  });

  it("is before one that the failing line only uses, whose row in package.json is no setting that the code reads", async () => {
    const asked = (version: string): string => `${JSON.stringify({ name: "shop", dependencies: { padded: version, pad: version } }, null, 2)}\n`;
    const { ranking, ids } = await ranked("", [{ "package.json": asked("^1.0.0") }, { "package-lock.json": lock("1.0.0", "4.0.0") }, { "package.json": asked("^2.0.0"), "package-lock.json": lock("2.0.0", "4.0.0") }, harmless], { through });
    expect(ranking.abstained).toBeNull();
    expect(ranking.suspects.slice(0, 2).map(({ commit }) => commit.id)).toEqual([ids[1], ids[2]]);
    expect(ranking.suspects[1]?.parts.map(({ says }) => says)).toEqual(["Changes the version of pad from 1.0.0 to 2.0.0 in package-lock.json, in whose code the error passed (left)."]);
  });

  it("says nothing of another service's versions", async () => {
    const { ranking } = await ranked("", [{ "tax/package-lock.json": lock("1.0.0", "4.0.0") }, harmless], { through });
    expect(ranking.suspects.flatMap(({ parts }) => parts).filter(({ says }) => says.includes("kept"))).toEqual([]);
  });

  it("is found behind hundreds of others, and in a lock file that git takes for binary; code in the same commit is read", async () => {
    const others = (version: string, many: number): Record<string, object> => Object.fromEntries(Array.from({ length: many }, (_, at) => [`node_modules/a${at}`, { version, resolved: "x".repeat(480) }]));
    const long = (version: string, many: number): string => JSON.stringify({ lockfileVersion: 3, packages: { ...others(version, many), "node_modules/kept": { version } } }, null, 1);
    for (const many of [400, 19_000]) {
      const { ranking, ids } = await ranked("shop/", [{ "shop/package-lock.json": long("3.0.0", many) }, { "shop/package-lock.json": long("4.0.0", many) }, harmless], { through });
      expect([ranking.abstained, ranking.suspects[0]?.commit.id, ranking.suspects[0]?.parts[0]?.kind]).toEqual([null, ids[1], "file"]);
    }
    const { ranking, ids } = await ranked("shop/", [{ "shop/package-lock.json": long("1.0.0", 30_000) }, { "shop/package-lock.json": long("2.0.0", 30_000), "shop/src/a.js": CODE.replace("text, width", "text, width + 1") }], {});
    expect([ranking.suspects[0]?.commit.id, ranking.suspects[0]?.parts[0]?.kind]).toEqual([ids[1], "line"]);
  }, 60_000);

  const asked = (range: string): string => `${JSON.stringify({ name: "shop", dependencies: { kept: range } })}\n`;

  it("is not that of a range alone, where the lock file beside it says that nothing else was installed", async () => {
    const start = { "package.json": asked("^3.0.0") };
    const range = { "package.json": asked("^3.0.1") };
    const moved = { "package-lock.json": lock("1.0.0", "4.0.0") };
    const { ranking, ids } = await ranked("", [start, range, moved, harmless], { through });
    expect([ranking.abstained, ranking.suspects[0]?.commit.id]).toEqual([null, ids[2]]);
    expect(ranking.suspects.map(({ commit }) => commit.id)).not.toContain(ids[1]);
    // Without a lock file beside it the range is all that is known.
    const alone = await ranked("tax/", [start, range, harmless], { through });
    expect(alone.ranking.suspects[0]?.commit.id).toBe(alone.ids[1]);
  });

  it("is not one that was taken back, and that of the commit which moved it for good", async () => {
    const of = (version: string): Record<string, string> => ({ "package-lock.json": lock("1.0.0", version) });
    const [one, two, more] = [of("3.0.0"), of("4.0.0"), of("3.0.1")] as const;
    const back = await ranked("", [two, one, harmless], { through });
    expect(back.ranking.suspects.flatMap(({ parts }) => parts).filter(({ says }) => says.includes("kept"))).toEqual([]);
    const { ranking, ids } = await ranked("", [two, one, more, harmless], { through });
    expect([ranking.abstained, ranking.suspects.filter(({ parts }) => parts.some(({ says }) => says.includes("kept"))).map(({ commit }) => commit.id)]).toEqual([null, [ids[2]]]);
  });

  it("is not that of the copy on top, where the error was thrown in one below another package", async () => {
    const copies = (top: string, nested: string): Record<string, string> => ({ "package.json": asked(top), "package-lock.json": `${JSON.stringify({ lockfileVersion: 3, packages: { "node_modules/kept": { version: top }, "node_modules/pad/node_modules/kept": { version: nested } } })}\n` });
    const below = [{ file: "/app/node_modules/pad/node_modules/kept/lib/cut.js", function: "cut" }];
    const { ranking, ids } = await ranked("", [copies("4.0.0", "2.0.0"), copies("4.0.0", "2.0.1"), harmless], { through: below }, copies("3.0.0", "2.0.0"));
    expect([ranking.abstained, ranking.suspects[0]?.commit.id]).toEqual([null, ids[1]]);
    expect(ranking.suspects.map(({ commit }) => commit.id)).not.toContain(ids[0]);
  });

  it("is found in a submodule that was moved, before the caller that was changed beside it", async () => {
    const box = new GitSandbox();
    boxes.push(box);
    const caller = 'import { total } from "../modules/lib/src/c.js";\nexport function h(r) {\n  return total(r);\n}\n';
    const moved = (to: string, text: string): string => {
      box.git("update-index", "--add", "--cacheinfo", `160000,${to.repeat(40)},modules/lib`);
      box.write("app/h.js", text);
      box.git("add", "app/h.js");
      box.git("commit", "--quiet", "-m", `To ${to}`);
      return box.git("rev-parse", "HEAD");
    };
    const good = moved("1", caller);
    const bump = moved("2", caller);
    const beside = moved("2", caller.replace("export", "// called by the router\nexport"));
    for (const bad of [bump, beside]) {
      const ranking = await rankSuspects(await openRepository(box.path), { good, bad, places: [{ path: "app/h.js", line: bad === bump ? 3 : 4, function: "h", weight: 1 }], symbols: ["total"], files: [], scoreMin: 0.35, message: "Cannot read properties of undefined (reading 'b')", through: [{ file: "/app/modules/lib/src/c.js", function: "total" }] });
      expect([ranking.abstained, ranking.suspects[0]?.commit.id]).toEqual([null, bump]);
      expect(ranking.suspects[0]?.parts[0]?.says).toBe("Changes the version of modules/lib from 1111111111 to 2222222222 in modules/lib, in whose code the error was thrown (total).");
    }
  });

  it("is found in requirements of a folder of their own", async () => {
    const python = [{ file: "/usr/lib/python3.11/site-packages/django/http/request.py", function: "get" }];
    const { ranking, ids } = await ranked("", [{ "requirements/base.txt": "Django==4.2\nx==1\n" }, { "requirements/base.txt": "Django==5.0\nx==1\n" }, harmless], { through: python });
    expect([ranking.abstained, ranking.suspects[0]?.commit.id]).toEqual([null, ids[1]]);
  });

  it("is not the repository's own, which another manifest of the same commit declares", async () => {
    const release = (version: string): Record<string, string> => ({ "package.json": `{"dependencies":{"kept":"^${version}"}}\n`, "packages/kept/package.json": `{"name":"kept","version":"${version}"}\n` });
    const { ranking } = await ranked("", [release("1.0.0"), release("1.0.1"), harmless], { through });
    expect(ranking.suspects.flatMap(({ parts }) => parts).filter(({ says }) => says.includes("kept"))).toEqual([]);
  });
});
