import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMemoryBus } from "@firstfix/bus";
import { EMPTY_STATE, fold, type Incident, type JournalState } from "@firstfix/incident";
import { createLogger, parseConfig } from "@firstfix/kit";
import { journalEvents, mergeByHand, openStore, readGroup, select, splitByHand, type Store } from "@firstfix/store";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startCorrelator, type Correlator } from "../index.ts";
import { sendSpans, type Exception } from "../testing/telemetry.ts";

const resource = { service: "shop", environment: "production", revision: "a".repeat(40), repository: "" };
const bus = createMemoryBus();
const folder = mkdtempSync(join(tmpdir(), "firstfix-correlator-"));
let store: Store;
let correlator: Correlator;

beforeAll(async () => {
  store = await openStore({ path: join(folder, "data") });
  const config = parseConfig({ correlator: { pollMs: 50, settleMs: 100 } }, folder);
  correlator = startCorrelator({ config, bus, store, log: createLogger("correlator", "silent") });
});
afterAll(async () => {
  await correlator.close();
  await bus.close();
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const thrown = (message: string, fn: string): Exception => ({ type: "TypeError", message, stack: [`${fn} (/app/src/${fn}.js:3:1)`] });
const fails = (exception: Exception, attributes = {}): Promise<void> => sendSpans(store, resource, [{ name: "POST /", failed: true, exception, attributes }]);
async function state(): Promise<JournalState> {
  return fold(EMPTY_STATE, journalEvents(await store.journal.read()));
}
async function incidents(): Promise<Map<string, Incident>> {
  return new Map([...(await state()).incidents.values()].map((one) => [one.findings[0]?.title.replace("TypeError: ", "") ?? "", one]));
}
const keyOf = (all: Map<string, Incident>, title: string): string => all.get(title)?.findings[0]?.key ?? "";

it("merges, counts and splits groups by hand, with their incidents, and takes it back", async () => {
  await fails(thrown("cart", "cart"));
  await fails(thrown("pay", "pay"));
  await correlator.idle();
  const before = await incidents();
  expect([...before].map(([title, one]) => `${title} ${one.status}`).sort()).toEqual(["cart open", "pay open"]);
  const [cart, pay] = [keyOf(before, "cart"), keyOf(before, "pay")];

  await mergeByHand({ store, state: await state(), actor: "person:ada" }, { into: cart, groups: [pay] });
  for (let i = 0; i < 9; i++) await fails(thrown("pay", "pay"));
  await correlator.idle();
  const merged = await incidents();
  expect(merged.get("pay")).toMatchObject({ status: "closed", mergedInto: merged.get("cart")?.incidentId });
  expect(merged.get("cart")).toMatchObject({ status: "open" });
  expect(merged.size).toBe(2);
  expect((await readGroup(store.interactive, await state(), cart)).fingerprints.map((one) => one.count)).toEqual([10, 1]);

  await splitByHand({ store, state: await state(), actor: "person:ada" }, { group: cart, fingerprints: [pay] });
  await correlator.idle();
  expect((await incidents()).get("pay")).toMatchObject({ status: "open", mergedInto: null });
});

it("opens an incident of its own for what was split off, though it occurred before", async () => {
  await fails(thrown("not found: cart", "find"));
  await fails(thrown("not found: coupon", "find"));
  await correlator.idle();
  const one = await incidents();
  const group = keyOf(one, "not found: cart") || keyOf(one, "not found: coupon");
  const detail = await readGroup(store.interactive, await state(), group);
  expect(detail.fingerprints.map((each) => each.title).sort()).toEqual(["TypeError: not found: cart", "TypeError: not found: coupon"]);
  const coupon = detail.fingerprints.find((each) => each.title === "TypeError: not found: coupon")?.fingerprint ?? "";
  const split = await splitByHand({ store, state: await state(), actor: "person:ada" }, { group, fingerprints: [coupon] });
  await correlator.idle();
  const own = [...(await state()).incidents.values()].find((each) => each.findings[0]?.key === split.groupId);
  expect(own).toMatchObject({ status: "open", findings: [{ title: "TypeError: not found: coupon", count: 1 }] });
});

it("obeys the fingerprint that the application sets, on the span as well", async () => {
  await fails(thrown("one", "left"), { "firstfix.fingerprint": "billing" });
  await fails(thrown("two", "right"), { "firstfix.fingerprint": "billing" });
  await correlator.idle();
  expect(await select(store.interactive, "SELECT uniqExact(group_id) AS groups, uniqExact(fingerprint) AS fingerprints FROM errors FINAL WHERE message IN ('one', 'two')")).toEqual([{ groups: 1, fingerprints: 2 }]);
});
