import { createLogger } from "@firstfix/kit";
import { createMemoryBus } from "@firstfix/bus";
import type { DeploymentRef, Finding } from "@firstfix/incident";
import { appendEvents, insertRows, JournalTail, openStore, type GroupDetail, type Store } from "@firstfix/store";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Hono } from "hono";
import { FirstfixError } from "@firstfix/kit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { groupRoutes } from "./groups.ts";

const A = `grp_${"a".repeat(16)}`;
const B = `grp_${"b".repeat(16)}`;
const F1 = `fpr_${"1".repeat(16)}`;
const F2 = `fpr_${"2".repeat(16)}`;
const deployment: DeploymentRef = { service: "shop", environment: "production", revision: "r", repository: "", firstSeen: 1 };
const finding: Finding = { kind: "error", key: B, title: "t", witness: { traceId: "", spanId: "", operation: "", time: 1 }, count: 1, firstSeen: 1 };
const bus = createMemoryBus();
let folder: string;
let store: Store;
let tail: JournalTail;
let app: Hono;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "firstfix-groups-"));
  store = await openStore({ path: join(folder, "data") });
  const error = (error_id: string, group_id: string, fingerprint: string, message: string): object => ({ error_id, group_id, fingerprint, time: new Date(), trace_hex: "", span_hex: "", service: "shop", environment: "production", revision: "r", repository: "", operation: "", type: "TypeError", message, stacktrace: "TypeError: x\n    at total (/app/src/cart.js:3:1)\n    at next (/app/node_modules/x/y.js:1:1)", file: "src/cart.js", function: "total", line: 3 });
  await insertRows(store.background, "errors", [error("1", A, F1, "no cart"), error("2", A, F1, "no cart"), error("3", A, F2, "no coupon"), error("4", B, `fpr_${"3".repeat(16)}`, "no cart")]);
  await appendEvents(store, "correlator", [{ event: { kind: "incident.opened", incidentId: "inc_1", deployment, finding } }]);
  tail = new JournalTail(store);
  await tail.refresh();
  app = new Hono();
  app.route("/api/groups", groupRoutes({ store, bus, webRoot: "", host: "127.0.0.1", log: createLogger("console", "silent"), journal: { get state() { return tail.state; }, refresh: () => tail.refresh(), onChange: () => () => {} } }));
  app.onError((error, context) => context.json({ error: error.message, code: error instanceof FirstfixError ? error.code : "" }, error instanceof FirstfixError ? 400 : 500));
});
afterAll(async () => {
  await tail.close();
  await bus.close();
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

async function group(id: string): Promise<GroupDetail> {
  return (await (await app.request(`/api/groups/${id}`)).json()) as GroupDetail;
}
function post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return Promise.resolve(app.request(`/api/groups/${path}`, { method: "POST", headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) }));
}

it("shows what a group holds and which groups are like it", async () => {
  expect(await group(A)).toMatchObject({
    groupId: A,
    title: "TypeError: no cart",
    fingerprints: [{ fingerprint: F1, title: "TypeError: no cart", count: 2, frames: ["total /app/src/cart.js:3"] }, { fingerprint: F2, title: "TypeError: no coupon", count: 1 }],
    merged: [],
    similar: [{ groupId: B, count: 1, incidentId: "inc_1" }],
  });
  expect((await app.request(`/api/groups/grp_${"0".repeat(16)}`)).status).toBe(400);
});

it("finds incidents to merge by words or ids, whatever they look like, and never the group itself", async () => {
  const found = async (query: string, of = A): Promise<unknown> => (await app.request(`/api/groups?${new URLSearchParams({ for: of, q: query }).toString()}`)).json();
  const target = { groupId: B, title: "t", service: "shop", environment: "production", incidentId: "inc_1" };
  for (const query of ["SHOP t", "inc_1", B]) expect(await found(query)).toEqual({ targets: [target], more: 0 });
  // No incident is open for it: by its whole id alone.
  expect(await found(A, B)).toEqual({ targets: [{ groupId: A, title: "TypeError: no cart", service: "", environment: "", incidentId: null }], more: 0 });
  for (const query of ["", "  ", "nowhere", "no cart", A, `grp_${"0".repeat(16)}`]) expect(await found(query)).toEqual({ targets: [], more: 0 });
  expect(await found("shop", B)).toEqual({ targets: [], more: 0 });
  expect(await found("x".repeat(500))).toMatchObject({ code: "bad_request" });
  expect(await found("x", "nonsense")).toMatchObject({ code: "bad_request" });
});

it("merges and splits, for past errors too, and undoes both", async () => {
  expect((await post("merge", { into: A, groups: [B] })).status).toBe(200);
  expect(await group(B)).toMatchObject({ groupId: A, merged: [B], similar: [] });
  expect((await group(A)).fingerprints.map((one) => one.count)).toEqual([2, 1, 1]);
  const split = (await (await post("split", { group: A, fingerprints: [F2] })).json()) as { groupId: string };
  expect((await group(split.groupId)).fingerprints.map((one) => one.fingerprint)).toEqual([F2]);
  expect((await group(A)).fingerprints.map((one) => one.fingerprint)).not.toContain(F2);
  expect((await post("merge", { into: A, groups: [split.groupId] })).status).toBe(200);
  expect((await post("split", { group: A, fingerprints: [B] })).status).toBe(200);
  expect((await group(A)).fingerprints.map((one) => one.count)).toEqual([2, 1]);
  expect((await group(B)).groupId).toBe(B);
});

it("refuses what makes no sense, and other sites", async () => {
  const refused = async (path: string, body: unknown, headers?: Record<string, string>): Promise<string> => ((await (await post(path, body, headers)).json()) as { error: string }).error;
  expect(await refused("merge", { into: A, groups: [A] })).toContain("one already");
  expect(await refused("merge", { into: A, groups: [`grp_${"0".repeat(16)}`] })).toContain("no error of the group");
  expect(await refused("split", { group: A, fingerprints: [F1, F2] })).toContain("nothing would remain");
  expect(await refused("split", { group: A, fingerprints: [`fpr_${"9".repeat(16)}`] })).toContain("is no fingerprint");
  expect(await refused("split", { group: "x", fingerprints: [F1] })).toContain("group is not allowed");
  expect(await refused("split", { group: A, fingerprints: [F1] }, { "sec-fetch-site": "cross-site" })).toContain("another site");
  expect((await post("split", { group: A, fingerprints: [F1] }, { "content-type": "text/plain" })).status).toBe(415);
});
