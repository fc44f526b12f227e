import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createMemoryBus } from "@firstfix/bus";
import { EMPTY_STATE, fold, type Incident, type JournalState } from "@firstfix/incident";
import { createLogger, nextBatchId, parseConfig, stableId, type Config } from "@firstfix/kit";
import { journalEvents, openStore, select, type Store } from "@firstfix/store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startCorrelator, type Correlator } from "./index.ts";
import { FIXED_COUPONS, layShop } from "./testing/shop.ts";
import { randomId as id, sendLog, sendSpans, type Exception, type Resource, type Sent } from "./testing/telemetry.ts";

const URL = "https://example.org/shop.git";
const folder = mkdtempSync(join(tmpdir(), "firstfix-correlator-"));
const shop = layShop();
const bus = createMemoryBus();
let config: Config;
let store: Store;
let correlator: Correlator;

beforeAll(async () => {
  config = parseConfig({ correlator: { pollMs: 50, settleMs: 600, goodExposureSpansMin: 5 }, repositories: [{ url: "https://example.org/shop", path: shop.repository.path }] }, folder);
  store = await openStore({ path: join(folder, "data") });
  correlator = start();
});
afterAll(async () => {
  await correlator.close();
  await bus.close();
  await store.close();
  shop.repository.remove();
  rmSync(folder, { recursive: true, force: true });
});

function start(): Correlator {
  return startCorrelator({ config, bus, store, log: createLogger("correlator", "error") });
}
const at = (revision: string): Resource => ({ service: "shop", environment: "production", revision, repository: URL });
const ok = (name: string, count: number, attributes: Sent["attributes"] = {}): Sent[] => Array.from({ length: count }, () => ({ name, attributes }));
const COUPON: Exception = { type: "TypeError", message: "Cannot read properties of undefined (reading 'percent')", stack: ["applyCoupon (file:///app/src/coupons.js:10:38)", "file:///app/src/server.js:4:1", "Layer.handle (/app/node_modules/express/lib/layer.js:9:9)"] };
const PAY: Exception = { type: "TypeError", message: "Cannot read properties of undefined (reading 'receipt')", stack: ["async pay (file:///app/src/payment.js:5:33)"] };
/** A request that throws: the inner span and the server span both record the exception. */
const thrown = (name: string, exception: Exception, traceId = id(16), spanId = id(8)): Sent[] => [
  { name: `inner ${name}`, kind: "internal", traceId, parentSpanId: spanId, failed: true, exception },
  { name, traceId, spanId, failed: true, exception },
];

async function state(): Promise<JournalState> {
  return fold(EMPTY_STATE, journalEvents(await store.journal.read()));
}
async function incident(operation: string): Promise<Incident> {
  const found = [...(await state()).incidents.values()].filter((one) => one.findings[0]?.witness.operation === operation);
  expect(found.map((one) => one.findings[0]?.title)).toHaveLength(1);
  return found[0] as Incident;
}
const named = (one: Incident): [string | undefined, string | null] => [one.ranking?.suspects[0]?.commit, one.ranking?.abstained ?? null];

describe("the correlator, on a real store and a real repository", () => {
  it("sees a deployment, reports what its specs get wrong, and opens nothing on good traffic", async () => {
    await sendSpans(store, at(shop.good), [...ok("POST /checkout", 10, { "shop.order.total": 10.5 }), ...ok("POST /pay", 10), ...ok("POST /coupon", 10)]);
    const orders = Array.from({ length: 6 }, (_, i): Sent[] => [{ name: "POST /orders", attributes: { "shop.order.id": `g${i}` } }, { name: "order.ship", attributes: { "shop.order.id": `g${i}` } }]);
    await sendSpans(store, at(shop.good), orders.flat());
    await correlator.idle();
    const { deployments, incidents, specProblems } = await state();
    expect([...deployments.values()]).toMatchObject([{ service: "shop", environment: "production", revision: shop.good, repository: URL }]);
    expect(incidents.size).toBe(0);
    expect(specProblems).toMatchObject([{ file: ".kiro/specs/shop/bindings.yaml", repository: URL }]);
    expect(await select(store.interactive, "SELECT sum(evaluated) AS n, sum(violated) AS v FROM check_exposure FINAL")).toEqual([{ n: 26, v: 0 }]);
  });

  it("opens an incident for an error, counted once for span events and log record, with the guilty commit", async () => {
    const [traceId, spanId] = [id(16), id(8)];
    await sendSpans(store, at(shop.bad), [...ok("POST /coupon", 12), ...thrown("POST /coupon", COUPON), ...thrown("POST /coupon", COUPON, traceId, spanId)]);
    await sendLog(store, at(shop.bad), traceId, spanId, COUPON);
    await correlator.idle();
    const one = await incident("POST /coupon");
    expect(one).toMatchObject({ status: "open", deployment: { revision: shop.bad }, findings: [{ kind: "error", count: 2 }] });
    expect(await select(store.interactive, "SELECT count() AS n, any(file) AS file, any(line) AS line FROM errors FINAL")).toEqual([{ n: 2, file: "src/coupons.js", line: 10 }]);
    expect(named(one)).toEqual([shop.guilty.coupon, null]);
    const [suspect] = one.ranking?.suspects ?? [];
    expect(one.ranking).toMatchObject({ good: shop.good, bad: shop.bad });
    expect(suspect?.attribution).toMatchObject({ authorship: "ai", agent: "Claude Code" });
    expect(suspect?.assistantLines).toEqual({ "src/coupons.js": [9] });
    expect(suspect?.diff).toContain("+  const coupon = COUPONS[code];");
    expect(one.specGap).toMatch(/^IF `POST \/coupon` is handled and the value that should hold `percent` is undefined in applyCoupon, THEN THE system SHALL/);
  });

  it("opens an incident for a violated requirement that no error announced", async () => {
    await sendSpans(store, at(shop.bad), [...ok("POST /checkout", 8, { "shop.order.total": 30 }), ...ok("POST /checkout", 4, { "shop.order.total": -20 })]);
    await correlator.idle();
    const one = await incident("POST /checkout");
    expect(one.findings).toMatchObject([{ kind: "violation", count: 4, violation: { requirementId: "1.1", checkName: "total-never-negative", detail: expect.stringContaining("-20") as string } }]);
    expect(named(one)).toEqual([shop.guilty.total, null]);
    expect(one.specGap).toBeNull();
  });

  it("joins an error and the requirement it violates, the error first, though the violation arrives earlier", async () => {
    const [traceId, spanId] = [id(16), id(8)];
    await sendSpans(store, at(shop.bad), [...ok("POST /pay", 8), { name: "POST /pay", traceId, spanId, failed: true }]);
    await sendLog(store, at(shop.bad), traceId, spanId, PAY);
    await correlator.idle();
    const one = await incident("POST /pay");
    expect(one.findings.map((finding) => finding.kind)).toEqual(["error", "violation"]);
    expect(named(one)).toEqual([shop.guilty.pay, null]);
    expect(one.specGap).toBeNull();
  });

  it("judges an eventually-check when its deadline has passed", async () => {
    const shipped = (i: number): Sent[] => [{ name: "POST /orders", attributes: { "shop.order.id": `b${i}` } }, ...(i < 5 ? [{ name: "order.ship", attributes: { "shop.order.id": `b${i}` } }] : [])];
    await sendSpans(store, at(shop.bad), Array.from({ length: 7 }, (_, i) => shipped(i)).flat());
    await correlator.idle();
    const one = await incident("POST /orders");
    expect(one.findings).toMatchObject([{ kind: "violation", count: 2, violation: { checkName: "placed-order-is-shipped" } }]);
  });

  it("does the same work again after a crash without a trace", async () => {
    const picture = async (): Promise<unknown> => [
      (await store.journal.read()).length,
      await select(store.interactive, "SELECT count() AS errors FROM errors FINAL"),
      await select(store.interactive, "SELECT count() AS violations FROM violations FINAL"),
      await select(store.interactive, "SELECT sum(evaluated) AS evaluated, sum(violated) AS violated FROM check_exposure FINAL"),
    ];
    const before = await picture();
    await correlator.close();
    // As if it had been killed before any mark was written.
    await store.background.command({ query: "TRUNCATE TABLE batch_progress" });
    correlator = start();
    await correlator.idle();
    expect(await picture()).toEqual(before);
  });

  it("finds a batch that was made long before it landed, as after an outage of the store", async () => {
    const before = await select<{ n: number }>(store.interactive, "SELECT count() AS n FROM errors FINAL");
    await sendSpans(store, at(shop.bad), thrown("POST /coupon", COUPON), nextBatchId() - (BigInt(3_600_000) << 22n));
    await correlator.idle();
    expect(await select(store.interactive, "SELECT count() AS n FROM errors FINAL")).toEqual([{ n: (before[0]?.n ?? 0) + 1 }]);
  });

  it("takes the next deployment that holds the fix for a cycle, and closes the incident when its traffic holds", async () => {
    const { incidentId } = await incident("POST /coupon");
    const fix = shop.repository.commit(`Guard unknown coupons\n\nFirstfix-Incident: ${incidentId}`, { "src/coupons.js": FIXED_COUPONS });
    const fixed = shop.repository.commit("Tidy up", { "README.md": "# Shop\n" });
    await sendSpans(store, at(fixed), ok("POST /coupon", 4));
    await correlator.idle();
    expect(await incident("POST /coupon")).toMatchObject({ status: "verifying", cycles: [{ cycle: 1, commit: fix, deployment: { revision: fixed }, verdict: "pending" }] });
    await sendSpans(store, at(fixed), ok("POST /coupon", 60));
    await sendSpans(store, at(shop.bad), thrown("POST /coupon", COUPON));
    await correlator.idle();
    const closed = await incident("POST /coupon");
    expect(closed).toMatchObject({ status: "closed", cycles: [{ verdict: "held", test: { failures: 0, trials: 64 } }] });
  });

  it("leaves it closed while old revisions still fail, and reopens it when a later deployment fails", async () => {
    await sendSpans(store, at(shop.bad), thrown("POST /coupon", COUPON));
    await correlator.idle();
    expect((await incident("POST /coupon")).status).toBe("closed");
    const again = shop.repository.commit("Bring it back", { "src/coupons.js": FIXED_COUPONS.replace("  if (coupon === null) return order;\n", "") });
    await sendSpans(store, at(again), [...ok("POST /coupon", 3), ...thrown("POST /coupon", { ...COUPON, stack: ["applyCoupon (file:///app/src/coupons.js:11:9)", "file:///app/src/server.js:9:1"] })]);
    await correlator.idle();
    const reopened = await incident("POST /coupon");
    expect(reopened).toMatchObject({ status: "open", deployment: { revision: again }, reopenings: [{ says: expect.stringContaining(again.slice(0, 12)) as string }] });
    expect(named(reopened)).toEqual([again, null]);
  });

  it("fails a cycle whose traffic still fails, and waits for the next", async () => {
    const { incidentId } = await incident("POST /checkout");
    const fix = shop.repository.commit(`Claim without mending\n\nFirstfix-Incident: ${incidentId}`, { "README.md": "# Shop!\n" });
    await sendSpans(store, at(fix), [...ok("POST /checkout", 6, { "shop.order.total": 1 }), ...ok("POST /checkout", 6, { "shop.order.total": -1 })]);
    await correlator.idle();
    expect(await incident("POST /checkout")).toMatchObject({ status: "open", cycles: [{ cycle: 1, verdict: "failed" }], reopenings: [{ says: expect.stringContaining("Cycle 1 failed") as string }] });
  });

  it("moves an incident that a stray violation opened to the deployment that brought the surge", async () => {
    const staging = (revision: string): Resource => ({ ...at(revision), environment: "staging" });
    const staged = async (): Promise<Incident | undefined> => [...(await state()).incidents.values()].find((one) => one.deployment.environment === "staging");
    await sendSpans(store, staging(shop.good), [...ok("POST /checkout", 120, { "shop.order.total": 1 }), ...ok("POST /checkout", 1, { "shop.order.total": -1 })]);
    await correlator.idle();
    expect(await staged()).toMatchObject({ deployment: { revision: shop.good }, ranking: { good: null } });
    for (let i = 0; i < 2; i++) {
      await sendSpans(store, staging(shop.bad), [...ok("POST /checkout", 40, { "shop.order.total": 1 }), ...ok("POST /checkout", 10, { "shop.order.total": -1 })]);
      await correlator.idle();
      await sleep(2_100);
    }
    const moved = await staged();
    expect(moved).toMatchObject({ status: "open", deployment: { revision: shop.bad }, reopenings: [{ says: expect.stringContaining("far more frequent") as string }], ranking: { good: shop.good, bad: shop.bad } });
    expect(named(moved as Incident)).toEqual([shop.guilty.total, null]);
  });

  it("keeps it where it was once somebody has redeployed for it, though the redeploy fails worse", async () => {
    const staged = async (): Promise<Incident> => [...(await state()).incidents.values()].find((one) => one.deployment.environment === "staging") as Incident;
    const fix = shop.repository.commit(`Make it worse\n\nFirstfix-Incident: ${(await staged()).incidentId}`, { "README.md": "# Worse\n" });
    for (let i = 0; i < 3; i++) {
      await sendSpans(store, { ...at(fix), environment: "staging" }, ok("POST /checkout", 60, { "shop.order.total": -1 }));
      await correlator.idle();
      await sleep(2_100);
    }
    expect(await staged()).toMatchObject({ status: "open", deployment: { revision: shop.bad }, episodes: [{ deployment: { revision: shop.bad }, cycles: [{ deployment: { revision: fix }, verdict: "failed" }] }] });
  });

  it("says what is wrong with a repository that it cannot read, and goes on without suspects", async () => {
    const revision = "e".repeat(40);
    await sendSpans(store, { service: "lost", environment: "production", revision, repository: "https://user:secret@example.org/lost" }, thrown("GET /", COUPON));
    await sendSpans(store, { service: "ghost", environment: "production", revision, repository: URL }, thrown("GET /", COUPON));
    await correlator.idle();
    const { incidents } = await state();
    const of = (service: string): Incident | undefined => [...incidents.values()].find((one) => one.deployment.service === service);
    expect(of("lost")).toMatchObject({ ranking: null, problems: [{ says: "No suspects: Firstfix knows no repository https://example.org/lost.", hint: expect.stringContaining("firstfix repo add") as string }] });
    expect(of("ghost")).toMatchObject({ incidentId: stableId("inc", "production", "ghost", of("ghost")?.findings[0]?.key ?? ""), ranking: null, problems: [{ says: expect.stringContaining("No suspects") as string }] });
  });
});
