import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMemoryBus } from "@firstfix/bus";
import { EMPTY_STATE, fold, type Incident } from "@firstfix/incident";
import { createLogger, parseConfig } from "@firstfix/kit";
import { appendEvents, journalEvents, openStore, select, type Store } from "@firstfix/store";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startCorrelator, type Correlator } from "../index.ts";
import { TestRepository } from "../testing/repository.ts";
import { sendSpans, type Sent } from "../testing/telemetry.ts";

const URL = "https://example.org/late";
const folder = mkdtempSync(join(tmpdir(), "firstfix-late-"));
const repository = new TestRepository();
const bus = createMemoryBus();
let store: Store;
let correlator: Correlator;

beforeAll(async () => {
  store = await openStore({ path: join(folder, "data") });
  const config = parseConfig({ correlator: { pollMs: 50, settleMs: 100, goodExposureSpansMin: 2 } }, folder);
  correlator = startCorrelator({ config, bus, store, log: createLogger("correlator", "silent") });
});
afterAll(async () => {
  await correlator.close();
  await bus.close();
  await store.close();
  repository.remove();
  rmSync(folder, { recursive: true, force: true });
});

const TAX = "export function taxOf(order) {\n  return order.lines.length;\n}\n";
/** `/srv/own/tax.js` is a file of the repository by a rule only. */
const MANIFEST = "services:\n  shop:\n    start: node cart.js\n    frames:\n      - from: /srv/own/\n        to: lib/\n";
const good = repository.commit("Open the shop", { ".firstfix.yaml": MANIFEST, "src/cart.js": "export function total(cart) {\n  return cart?.sum ?? 0;\n}\n", "lib/tax.js": TAX.replace("order.lines", "(order?.lines ?? [])"), "src/tax.js": "\n", "README.md": "# Shop\n" });
const cart = repository.commit("Trust carts", { "src/cart.js": "export function total(cart) {\n  return cart.sum;\n}\n" });
const tax = repository.commit("Trust orders", { "lib/tax.js": TAX });
const bad = repository.commit("Explain the shop", { "README.md": "# Shop\n\nSells.\n" });

const at = (revision: string): { service: string; environment: string; revision: string; repository: string } => ({ service: "shop", environment: "production", revision, repository: URL });
const fails = (name: string, message: string, stack: string): Sent => ({ name, failed: true, exception: { type: "TypeError", message, stack: [stack, "next (/app/node_modules/express/router.js:1:1)"] } });
const CART = fails("GET /cart", "Cannot read properties of undefined (reading 'sum')", "total (/app/src/cart.js:2:15)");
const OWN = fails("GET /tax", "Cannot read properties of undefined (reading 'lines')", "taxOf (/srv/own/tax.js:2:10)");
async function incidents(): Promise<Map<string, Incident>> {
  return new Map([...fold(EMPTY_STATE, journalEvents(await store.journal.read())).incidents.values()].map((one) => [one.findings[0]?.witness.operation ?? "", one]));
}

it("names the commits of incidents that were opened before their repository was known, and takes the notice away", async () => {
  await sendSpans(store, at(good), Array.from({ length: 5 }, () => [{ name: "GET /cart" }, { name: "GET /tax" }]).flat());
  await sendSpans(store, at(bad), [CART, OWN]);
  await correlator.idle();
  const blind = await incidents();
  for (const one of blind.values()) expect(one).toMatchObject({ ranking: null, problems: [{ says: `No suspects: Firstfix knows no repository ${URL}.` }] });

  await appendEvents(store, "person:ada", [{ event: { kind: "repository.added", repository: { url: URL, source: repository.path, push: false, environments: [], dependencies: [] } } }]);
  const deadline = Date.now() + 30_000;
  while ([...(await incidents()).values()].some((one) => one.ranking === null) && Date.now() < deadline) await correlator.idle();
  const seeing = await incidents();
  expect(seeing.get("GET /cart")).toMatchObject({ problems: [], ranking: { abstained: null }, findings: [{ error: { frames: [{ path: "src/cart.js", inApp: true }, { path: "", inApp: false }] } }] });
  expect(seeing.get("GET /tax")).toMatchObject({ problems: [], ranking: { abstained: null }, findings: [{ error: { frames: [{ path: "lib/tax.js" }, {}] } }] });
  expect(["GET /cart", "GET /tax"].map((name) => seeing.get(name)?.ranking?.suspects[0]?.commit)).toEqual([cart, tax]);
});

it("gives an error one fingerprint, whether its repository was known or not", async () => {
  await sendSpans(store, at(bad), [CART, OWN]);
  await correlator.idle();
  const rows = await select(store.interactive, "SELECT type, count() AS n, uniqExact(group_id) AS groups, uniqExact(fingerprint) AS fingerprints, groupUniqArray(file) AS files FROM errors FINAL WHERE function = 'total' GROUP BY type");
  expect(rows).toMatchObject([{ n: 2, groups: 1, fingerprints: 1 }]);
  expect((rows[0] as { files: string[] }).files.sort()).toEqual(["/app/src/cart.js", "src/cart.js"]);
});
