import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EMPTY_STATE, type DeploymentRef, type Finding, type MapOptions } from "@firstfix/incident";
import { ochiai } from "@firstfix/provenance";
import { insertRows, openStore, type Store } from "@firstfix/store";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Room } from "../room.ts";
import { randomId as id, sendSpans, type Resource, type Sent } from "../testing/telemetry.ts";
import { spectrumOf } from "./spectrum.ts";

const folder = mkdtempSync(join(tmpdir(), "firstfix-spectrum-"));
const REVISION = "a".repeat(40);
const deployment: DeploymentRef = { service: "shop", environment: "production", revision: REVISION, repository: "https://example.org/shop", firstSeen: 0 };
const at = (revision: string): Resource => ({ service: "shop", environment: "production", revision, repository: "https://example.org/shop" });
const finding: Finding = { kind: "error", key: "group", title: "TypeError", witness: { traceId: "", spanId: "", operation: "POST /checkout", time: 0 }, count: 1, firstSeen: 0 };
const files = (options: MapOptions) => async (): Promise<MapOptions> => options;
let store: Store;
let room: Room;

beforeAll(async () => {
  store = await openStore({ path: join(folder, "data") });
  // Only the store and the rules of groups are used.
  room = { store, tail: { state: EMPTY_STATE } } as unknown as Room;
});
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A request that goes through one more span, which names its code. */
function request(through: string, file: string, failed: boolean): Sent[] {
  const [traceId, spanId] = [id(16), id(8)];
  return [
    { name: "POST /checkout", traceId, spanId, failed },
    { name: through, kind: "internal", traceId, parentSpanId: spanId, attributes: { "code.file.path": `/app/${file}`, "code.function.name": `shop.${through}` } },
  ];
}

async function fail(requests: readonly Sent[][]): Promise<void> {
  await sendSpans(store, at(REVISION), requests.flat());
  const rows = requests.map(([entry]) => ({ error_id: id(8), group_id: "group", time: new Date().toISOString(), trace_hex: entry?.traceId, service: "shop", environment: "production", revision: REVISION, operation: "POST /checkout" }));
  await insertRows(store.background, "errors", rows);
}

it("says nothing where nothing passed, for then nothing can be compared", async () => {
  await fail(Array.from({ length: 5 }, () => request("applyCoupon", "src/coupons.js", true)));
  expect(await spectrumOf(room, finding, deployment, files({ paths: ["src/coupons.js"] }))).toEqual([]);
});

it("counts in how many failing and passing traces of the operation each span was, of that revision only", async () => {
  await fail(Array.from({ length: 25 }, () => request("applyCoupon", "src/coupons.js", true)));
  await sendSpans(store, at(REVISION), Array.from({ length: 60 }, (_, n) => request(n < 3 ? "applyCoupon" : "totalOf", n < 3 ? "src/coupons.js" : "src/total.js", false)).flat());
  await sendSpans(store, at("b".repeat(40)), Array.from({ length: 9 }, () => request("applyCoupon", "src/coupons.js", false)).flat());
  await sendSpans(store, at(REVISION), [{ name: "GET /other" }, { name: "GET /other" }]);
  const spectrum = await spectrumOf(room, finding, deployment, files({ paths: ["src/coupons.js", "src/total.js"] }));
  expect(spectrum).toEqual([
    { path: "src/coupons.js", function: "shop.applyCoupon", operation: "applyCoupon", ef: 30, ep: 3, nf: 0, np: 57 },
    { path: "", function: "", operation: "POST /checkout", ef: 30, ep: 60, nf: 0, np: 0 },
  ]);
  expect(ochiai(spectrum[0] ?? { ef: 0, ep: 0, nf: 0 })).toBeCloseTo(30 / Math.sqrt(30 * 33), 6);
});

it("finds the files of a container where the manifest says", async () => {
  const [coupon] = await spectrumOf(room, finding, deployment, files({ paths: ["shop/coupons.js", "admin/src/coupons.js"], frames: [{ from: "/app/src/", to: "shop/" }] }));
  expect(coupon).toMatchObject({ path: "shop/coupons.js", operation: "applyCoupon" });
});

it("maps a file by the rules of the service whose span it is, and gives what is not the application's own no place", async () => {
  const paths = ["shop/src/coupons.js", "mail/src/coupons.js"];
  const place = async (rules: Readonly<Record<string, Omit<MapOptions, "paths">>>): Promise<string | undefined> => (await spectrumOf(room, finding, deployment, async (service) => ({ paths, ...rules[service] }))).find((one) => one.operation === "applyCoupon")?.path;
  const shop = { frames: [{ from: "/app/", to: "shop/" }] };
  expect(await place({ mail: shop })).toBe("");
  expect(await place({ shop, mail: { frames: [{ from: "/app/", to: "mail/" }] } })).toBe("shop/src/coupons.js");
  expect(await place({ shop: { inApp: ["mail/"] } })).toBe("mail/src/coupons.js");
  expect(await place({ shop: { ...shop, inApp: ["mail/"] } })).toBe("");
});

it("looks at no more traces than its bounds", async () => {
  await fail(Array.from({ length: 220 }, () => request("applyCoupon", "src/coupons.js", true)));
  await sendSpans(store, at(REVISION), Array.from({ length: 1_100 }, () => request("totalOf", "src/total.js", false)).flat());
  const [coupon] = await spectrumOf(room, finding, deployment, files({ paths: ["src/coupons.js"] }));
  expect([(coupon?.ef ?? 0) + (coupon?.nf ?? 0), (coupon?.ep ?? 0) + (coupon?.np ?? 0)]).toEqual([200, 1_000]);
});
