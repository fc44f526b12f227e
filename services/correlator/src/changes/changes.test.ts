import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMemoryBus } from "@firstfix/bus";
import { EMPTY_STATE, fold } from "@firstfix/incident";
import { createLogger, parseConfig, type Logger } from "@firstfix/kit";
import { journalEvents, openStore, select, type Store } from "@firstfix/store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startCorrelator, type Correlator } from "../index.ts";
import { layShop } from "../testing/shop.ts";
import { sendSpans, type Resource } from "../testing/telemetry.ts";

const ADDRESS = "https://example.org/shop";
const URL = `${ADDRESS}.git`;
const folder = mkdtempSync(join(tmpdir(), "firstfix-deployed-"));
const shop = layShop();
const tasked = shop.repository.commit("Plan the work", {
  ".kiro/specs/shop/tasks.md": "# Tasks\n\n- [ ] 1. Keep totals fair in `src/orders.js`\n  - _Requirements: 1.1_\n- [ ] 2. Note the hours in `README.md`\n  - _Requirements: 1.3_\n",
});
const orders = shop.repository.commit("Round totals\n\nCo-Authored-By: Claude <noreply@anthropic.com>", { "src/orders.js": "export function orderTotal() {\n  return 0;\n}\n" });
const gateway = shop.repository.commit("Add a gateway", { "src/gateway.js": "export const gateway = null;\n" });
const bus = createMemoryBus();
const said: { readonly message: string; readonly fields: Record<string, unknown> }[] = [];
let store: Store;
let correlator: Correlator;

beforeAll(async () => {
  store = await openStore({ path: join(folder, "data") });
  correlator = startCorrelator({ config: parseConfig({ data: join(folder, "data"), correlator: { pollMs: 50, settleMs: 100 }, repositories: [{ url: ADDRESS, path: shop.repository.path }] }, folder), bus, store, log: listening() });
});
afterAll(async () => {
  await correlator.close();
  await bus.close();
  await store.close();
  shop.repository.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** The real logger, whose warnings are noted. */
function listening(): Logger {
  const log = createLogger("correlator", "silent");
  log.warn = (fields: unknown, message?: string) => void said.push({ message: message ?? "", fields: fields as Record<string, unknown> });
  return log;
}

const at = (revision: string, repository = URL, service = "shop"): Resource => ({ service, environment: "production", revision, repository });
async function deploy(resource: Resource): Promise<void> {
  await sendSpans(store, resource, [{ name: "GET /" }]);
  await correlator.idle();
}
const brought = (revision: string): Promise<{ commit: string; bound: boolean; previous: string; repository: string }[]> => select(store.background, `SELECT repository, commit, bound, previous FROM deployed_changes FINAL WHERE revision = '${revision}' ORDER BY commit`);

describe("deployments that the correlator sees", () => {
  it("bring the revision alone at first, and then what lies between", async () => {
    await deploy(at(shop.good));
    expect(await brought(shop.good)).toEqual([{ repository: ADDRESS, commit: shop.good, bound: false, previous: "" }]);
    await deploy(at(shop.bad));
    expect((await brought(shop.bad)).map(({ commit, previous }) => [commit, previous])).toHaveLength(6);
    expect(await select(store.background, `SELECT authorship, agent FROM changes FINAL WHERE commit = '${shop.guilty.coupon}'`)).toEqual([{ authorship: "ai", agent: "Claude Code" }]);
    expect(await select(store.background, "SELECT count() AS n FROM changes FINAL")).toEqual([{ n: 7 }]);
  });

  it("say which commits touch what a bound requirement's tasks name", async () => {
    await deploy(at(gateway));
    expect(new Map((await brought(gateway)).map(({ commit, bound }) => [commit, bound]))).toEqual(new Map([[tasked, false], [orders, true], [gateway, false]]));
  });

  it("bring nothing when they go back", async () => {
    await deploy(at(shop.guilty.total));
    expect(await brought(shop.guilty.total)).toEqual([]);
    expect(await select(store.background, `SELECT relation, previous FROM deployed_revisions FINAL WHERE revision = '${shop.guilty.total}'`)).toEqual([{ relation: "rollback", previous: gateway }]);
  });

  it("of a repository that nobody knows are said once, and keep nothing from going on", async () => {
    await deploy(at("a".repeat(40), "https://example.org/unknown", "other"));
    await deploy(at("b".repeat(40), "https://example.org/unknown", "other"));
    const about = said.filter(({ message }) => message.includes("changes of a deployment"));
    expect(about).toHaveLength(1);
    expect(about[0]?.fields).toMatchObject({ repository: "https://example.org/unknown" });
    expect(await select(store.background, "SELECT count() AS n FROM deployed_revisions FINAL")).toEqual([{ n: 4 }]);
  });

  it("are not recorded again by the next process", async () => {
    const rows = (): Promise<object[]> => select(store.background, "SELECT * FROM deployed_revisions ORDER BY ALL");
    const before = await rows();
    const { deployments } = fold(EMPTY_STATE, journalEvents(await store.journal.read()));
    expect(deployments.size).toBe(6);
    await correlator.close();
    correlator = startCorrelator({ config: parseConfig({ data: join(folder, "data"), correlator: { pollMs: 50 }, repositories: [{ url: ADDRESS, path: shop.repository.path }] }, folder), bus, store, log: listening() });
    await deploy(at(shop.good));
    expect(await rows()).toEqual(before);
  });
});
