import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import type { FilePatch } from "../git/patch.ts";
import { openRepository } from "../repository.ts";
import { GitSandbox } from "../testing/sandbox.ts";
import type { SuspectRanking } from "../types.ts";
import { bumpsOf } from "./packages.ts";
import { rankSuspects } from "./rank.ts";

const boxes: GitSandbox[] = [];
afterAll(() => boxes.forEach((box) => box.remove()));

const patch = (path: string, ...lines: readonly string[]): FilePatch => ({ pathBefore: path, path, hunks: [{ oldStart: 1, oldCount: 1, newStart: 1, newCount: 1, lines }] });

describe("packages that get another version", () => {
  it.each([
    ["package-lock.json", [' {', '   "packages": {', '     "": {', '-      "version": "1.0.0",', '     "node_modules/@scope/pad": {', '-      "version": "1.0.0",', '+      "version": "2.0.0",', '       "engines": {', '+        "node": ">=20"', '     "node_modules/a/node_modules/kept": {', '       "version": "3.0.0"'], ["@scope/pad"]],
    ["package.json", [' {', '   "name": "shop",', '-  "version": "1.0.0",', '+  "version": "1.0.1",', '   "dependencies": {', '-    "pad": "^1.0.0",', '+    "pad": "^2.0.0",', '     "kept": "^3.0.0"'], ["pad"]],
    ["yarn.lock", [' "@scope/pad@^1.0.0":', '-  version "1.0.0"', '+  version "1.1.0"', ' kept@^3.0.0:', '   version "3.0.0"'], ["@scope/pad"]],
    ["pnpm-lock.yaml", [" packages:", "-  pad@1.0.0:", "+  pad@2.0.0:", "   kept@3.0.0:"], ["pad"]],
    ["poetry.lock", [' [[package]]', ' name = "requests"', '-version = "2.0.0"', '+version = "3.0.0"', ' name = "kept"', ' version = "1.0"'], ["requests"]],
    ["services/tax/requirements.txt", ["-requests[socks]==2.0.0", "+requests[socks]==3.0.0", " kept==1.0"], ["requests"]],
    ["go.mod", [" require (", "-\tgithub.com/jackc/pgx/v5 v5.1.0", "+\tgithub.com/jackc/pgx/v5 v5.2.0", " \tgithub.com/kept/kept v1.0.0"], ["github.com/jackc/pgx/v5"]],
    ["Gemfile.lock", ["-    rack (2.0.0)", "+    rack (3.0.0)", "     kept (1.0.0)"], ["rack"]],
    ["src/version.js", ['-    "pad": "^1.0.0",', '+    "pad": "^2.0.0",'], []],
  ])("%s", (path, lines, names) => {
    expect(bumpsOf([patch(path, ...lines)])).toEqual(names.map((name) => ({ name, path })));
  });

  it("of hostile files are bounded, and read in a time that grows with their length only", () => {
    const piece = fc.constantFrom('"', "node_modules/", "@a/", "name = ", " {", '": {', "+", "-", "a", ".", "@1", "v1", "    ", "==", "[a,");
    fc.assert(fc.property(fc.constantFrom("package-lock.json", "package.json", "yarn.lock", "pnpm-lock.yaml", "poetry.lock", "requirements.txt", "go.mod", "Gemfile.lock"), fc.array(piece, { maxLength: 12 }), fc.integer({ min: 1, max: 20_000 }), (path, pieces, times) => {
      const began = performance.now();
      const rows = [`+${pieces.join("").repeat(times).slice(0, 200_000)}`, ...Array.from({ length: 500 }, (_, at) => `+    "a${at}": "^${at}.0.0"`)];
      expect(bumpsOf([patch(path, ...rows)]).length).toBeLessThanOrEqual(200);
      expect(performance.now() - began).toBeLessThan(1_000);
    }), { numRuns: 100 });
  });
});

const CODE = 'import { pad as padded } from "pad";\n\nexport function label(text) {\n  const width = 3;\n  return padded(text, width);\n}\n\nexport function other() {\n  return 1;\n}\n';
const lock = (version: string, other = "3.0.0"): string => `${JSON.stringify({ lockfileVersion: 3, packages: { "node_modules/kept": { version: other }, "node_modules/pad": { version } } }, null, 2)}\n`;

async function ranked(folder: string, commits: readonly Readonly<Record<string, string>>[]): Promise<{ readonly ranking: SuspectRanking; readonly ids: readonly string[] }> {
  const box = new GitSandbox();
  boxes.push(box);
  const good = box.commit("Start", { "shop/src/a.js": CODE, [`${folder}package-lock.json`]: lock("1.0.0") });
  const ids = commits.map((files, at) => box.commit(`Commit ${at}`, files));
  const ranking = await rankSuspects(await openRepository(box.path), { good, bad: ids.at(-1) ?? good, places: [{ path: "shop/src/a.js", line: 5, function: "label", weight: 1 }], symbols: ["padded"], files: [], scoreMin: 0.35, message: "padded is not a function", within: ["shop/"] });
  return { ranking, ids };
}

describe("a package that the failing line uses", () => {
  const harmless = { "shop/src/a.js": CODE.replace("return 1", "return 2") };

  it("names the commit that exchanged it, in a lock file of the folder or above it", async () => {
    for (const folder of ["shop/", ""]) {
      const { ranking, ids } = await ranked(folder, [{ [`${folder}package-lock.json`]: lock("2.0.0") }, harmless]);
      expect(ranking.abstained).toBeNull();
      expect(ranking.suspects[0]?.commit.id).toBe(ids[0]);
      expect(ranking.suspects[0]?.parts[0]?.says).toBe(`Changes the version of pad in ${folder}package-lock.json, which the line of label at shop/src/a.js:5 uses.`);
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
