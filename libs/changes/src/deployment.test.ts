import { join } from "node:path";
import { openRepository, type Repository } from "@firstfix/provenance";
import { select, type Store } from "@firstfix/store";
import { beforeAll, describe, expect, it } from "vitest";
import { recordDeployment, type Brought } from "./index.ts";
import { CLAUDE } from "./testing/history.ts";
import { recording } from "./testing/recording.ts";

const ADDRESS = "https://git.example.com/mono";
const { git, folder, opened } = recording("deployed", () => {});
const one = git.commit("One", { "shop/a.js": "1\n", "pay/p.js": "1\n" });
const two = git.commit(`Two\n\n${CLAUDE}`, { "shop/a.js": "2\n" });
const three = git.commit("Three", { "pay/p.js": "3\n" });
git.git("checkout", "--quiet", "-b", "side", two);
const side = git.commit("Side", { "shop/side.js": "s\n" });
git.git("checkout", "--quiet", "main");
const merge = git.merge("side");
const four = git.commit("Four", { "shopping/x.js": "4\n" });
git.git("mv", "pay/p.js", "shop/p.js");
const five = git.commit("Five", {});
git.git("checkout", "--quiet", "-b", "rewritten", two);
const other = git.commit("Rewritten", { "shop/a.js": "other\n" });
git.git("checkout", "--quiet", "--orphan", "foreign");
const foreign = git.commit("Another history", { "z.js": "z\n" });
let store: Store;
let repository: Repository;

beforeAll(async () => {
  ({ store, repository } = await opened);
});

let number = 0;
/** In an environment of its own, so that cases do not meet. */
async function deploy(revision: string, before: readonly string[], more: { readonly paths?: readonly string[]; readonly boundFiles?: readonly string[] } = {}): Promise<{ readonly brought: Brought; readonly rows: readonly { commit: string; bound: boolean; previous: string }[]; readonly seen: readonly object[] }> {
  const environment = `case-${(number += 1)}`;
  const brought = await recordDeployment(store, repository, ADDRESS, { service: "shop", environment, revision, before, deployedAt: Date.UTC(2026, 2, 1), ...more });
  const rows = await select<{ commit: string; bound: boolean; previous: string }>(store.background, `SELECT commit, bound, previous FROM deployed_changes FINAL WHERE environment = '${environment}' ORDER BY commit`);
  const seen = await select<object>(store.background, `SELECT relation, previous, commits, capped FROM deployed_revisions FINAL WHERE environment = '${environment}'`);
  const facts = await select<{ commit: string }>(store.background, `SELECT commit FROM changes FINAL WHERE repository = '${ADDRESS}'`);
  expect(facts.map(({ commit }) => commit)).toEqual(expect.arrayContaining(rows.map(({ commit }) => commit)));
  return { brought, rows, seen };
}
const commitsOf = ({ rows }: { readonly rows: readonly { commit: string }[] }): string[] => rows.map(({ commit }) => commit);

describe("what a deployment brought", () => {
  it("is only its own revision where nothing ran before", async () => {
    const found = await deploy(two, []);
    expect(found.rows).toEqual([{ commit: two, bound: false, previous: "" }]);
    expect(found.seen).toEqual([{ relation: "first", previous: "", commits: 1, capped: false }]);
  });

  it("is what plain git lists between the two, without merges", async () => {
    const found = await deploy(five, [two, one]);
    expect(commitsOf(found)).toEqual(git.git("rev-list", "--no-merges", five, `^${two}`).trim().split("\n").sort());
    expect(commitsOf(found)).toEqual([three, side, four, five].sort());
    expect(commitsOf(found)).not.toContain(merge);
    expect(found.seen).toEqual([{ relation: "forward", previous: two, commits: 4, capped: false }]);
  });

  it("is nothing where it goes back to what ran before", async () => {
    const found = await deploy(one, [five]);
    expect(found.rows).toEqual([]);
    expect(found.seen).toEqual([{ relation: "rollback", previous: five, commits: 0, capped: false }]);
  });

  it("is what the other branch has not, where a history was rewritten", async () => {
    const found = await deploy(other, [five]);
    expect(commitsOf(found)).toEqual([other]);
    expect(found.seen).toMatchObject([{ relation: "diverged", previous: five }]);
  });

  it("is only its own revision where the histories never met", async () => {
    const found = await deploy(foreign, [five]);
    expect(commitsOf(found)).toEqual([foreign]);
    expect(found.seen).toMatchObject([{ relation: "unrelated", previous: five }]);
  });

  it("is counted from the nearest revision that the repository still holds", async () => {
    const found = await deploy(three, ["f".repeat(40), two, one]);
    expect(commitsOf(found)).toEqual([three]);
    expect(found.seen).toMatchObject([{ relation: "forward", previous: two }]);
  });

  it("leaves out what concerns other services of the repository, and counts moves from and to them", async () => {
    expect(commitsOf(await deploy(five, [one], { paths: ["shop/"] }))).toEqual([two, side, five].sort());
    expect(commitsOf(await deploy(five, [one], { paths: ["pay"] }))).toEqual([three, five].sort());
    expect((await deploy(four, [three], { paths: ["pay"] })).seen).toEqual([{ relation: "forward", previous: three, commits: 0, capped: false }]);
  });

  it("says which commits touch files that a bound requirement names", async () => {
    const found = await deploy(five, [one], { boundFiles: ["pay/p.js", "shopping"] });
    expect(found.rows.filter(({ bound }) => bound).map(({ commit }) => commit)).toEqual([three, four, five].sort());
  });

  it("is the same when it is recorded twice", async () => {
    const rows = (): Promise<object[]> => select(store.background, "SELECT * EXCEPT version FROM deployed_changes FINAL ORDER BY ALL");
    await recordDeployment(store, repository, ADDRESS, { service: "shop", environment: "twice", revision: five, before: [one], deployedAt: 1 });
    const before = await rows();
    await recordDeployment(store, repository, ADDRESS, { service: "shop", environment: "twice", revision: five, before: [one], deployedAt: 1 });
    expect(await rows()).toEqual(before);
  });

  it("is told to be tried again where a shallow clone ends at it", async () => {
    const shallow = join(folder, "shallow");
    git.git("clone", "--quiet", "--depth=1", "--branch=main", `file://${git.path}`, shallow);
    await expect(recordDeployment(store, await openRepository(shallow), "https://git.example.com/shallow", { service: "shop", environment: "shallow", revision: five, before: [], deployedAt: 1 })).rejects.toMatchObject({ code: "repository.shallow", retryable: true });
    expect(await select(store.background, "SELECT count() AS n FROM changes FINAL WHERE repository = 'https://git.example.com/shallow'")).toEqual([{ n: 0 }]);
  });

  it("is told to be tried again where the revision is not there yet, and writes nothing", async () => {
    await expect(deploy("e".repeat(40), [one])).rejects.toMatchObject({ code: "repository.revision_missing", retryable: true });
    expect(await select(store.background, `SELECT count() AS n FROM deployed_revisions FINAL WHERE revision = '${"e".repeat(40)}'`)).toEqual([{ n: 0 }]);
  });
});
