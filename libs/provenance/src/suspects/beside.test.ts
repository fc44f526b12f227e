import { afterAll, describe, expect, it } from "vitest";
import { openRepository } from "../repository.ts";
import { GitSandbox } from "../testing/sandbox.ts";
import type { SuspectRanking } from "../types.ts";
import { besideOf, gonePart } from "./beside.ts";
import { rankSuspects } from "./rank.ts";

const boxes: GitSandbox[] = [];
afterAll(() => boxes.forEach((box) => box.remove()));

const CODE = 'export function pad(text) {\n  const width = 3;\n  return lib.pad(text, width);\n}\n\nexport function other() {\n  return 1;\n}\n';

/** Two commits: one that changes no code, and a harmless one in the function that fails. */
async function ranked(before: Readonly<Record<string, string>>, guilty: Readonly<Record<string, string | null>>, message: string, harmless = CODE.replace("return 1", "return 2")): Promise<{ readonly ranking: SuspectRanking; readonly id: string }> {
  const box = new GitSandbox();
  boxes.push(box);
  const good = box.commit("Start", { "src/a.js": CODE, ...before });
  const id = box.commit("Guilty", guilty);
  const bad = box.commit("Harmless", { "src/a.js": harmless });
  return { id, ranking: await rankSuspects(await openRepository(box.path), { good, bad, places: [{ path: "src/a.js", line: 3, function: "pad", weight: 1 }], symbols: ["pad"], files: [], scoreMin: 0.35, message }) };
}

describe("what commits change beside code", () => {
  it.each([
    ["a lock file", { "package-lock.json": '{ "version": 1 }\n' }, { "package-lock.json": '{ "version": 2 }\n' }],
    ["an image", { Dockerfile: "FROM node:20\n" }, { Dockerfile: "FROM node:12\n" }],
  ])("%s takes from the other one that it is the only change, and is said", async (_, before, guilty) => {
    const { ranking } = await ranked(before, guilty, "lib.pad is not a function");
    expect(ranking.abstained).toContain(`Other commits change ${Object.keys(before)[0]}, which is not read as code`);
  });

  it("names who took away the file that the error does not find", async () => {
    const { ranking, id } = await ranked({ "src/q/data.json": "{}\n" }, { "src/q/data.json": null }, "Cannot find module './q/data.json'", CODE.replace("width = 3", "width = 4"));
    expect(ranking).toMatchObject({ abstained: null, suspects: [{ commit: { id } }, {}] });
    expect(ranking.suspects[0]?.parts.map(({ says }) => says)).toContain("Takes away src/q/data.json, which the error names.");
  });
});

it("reads paths as whole names", () => {
  const beside = besideOf([{ pathBefore: "src/config.js", path: "", hunks: [] }, { pathBefore: "vendor/lib", path: "vendor/lib", hunks: [{ oldStart: 1, oldCount: 1, newStart: 1, newCount: 1, lines: [`-Subproject commit ${"1".repeat(40)}`] }] }]);
  expect(beside).toEqual({ unread: ["vendor/lib"], gone: ["src/config.js"] });
  expect([gonePart(beside, "Cannot find module '../config'")?.score, gonePart(beside, "config.js is odd")?.score, gonePart(beside, "reading 'config'"), gonePart(beside, "Cannot find config-loader")]).toEqual([0.9, 0.5, null, null]);
});
