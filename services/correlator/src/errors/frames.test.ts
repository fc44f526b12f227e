import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMemoryBus } from "@firstfix/bus";
import { createLogger, parseConfig } from "@firstfix/kit";
import { insertRows, JournalTail, openStore, type Store } from "@firstfix/store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Repositories } from "../repositories.ts";
import { Specs } from "../requirements/specs.ts";
import type { Room } from "../room.ts";
import { TestRepository } from "../testing/repository.ts";
import { framesOf } from "./frames.ts";
import { groupHashesOf } from "./join.ts";

const URL = "https://example.org/shop";
const ID = "85314830-023f-4cf1-a267-535f4e37bb17";
// Three lines of the generated file are three lines of the source.
const map = (source: string, more: object = {}): string => JSON.stringify({ version: 3, sources: [source], names: [], mappings: "AAAA;AACA;AACA", ...more });
const repository = new TestRepository();
const folder = realpathSync(mkdtempSync(join(tmpdir(), "firstfix-frames-")));
const bus = createMemoryBus();
const revision = repository.commit("Build the shop", {
  ".firstfix.yaml": "services:\n  shop:\n    start: node dist/main.js\n    frames:\n      - from: /opt/pay/\n        to: services/pay/\n",
  "src/cart.ts": "one\ntwo\nthree\n",
  "src/pay.ts": "one\ntwo\nthree\n",
  "services/pay/src/pay.ts": "one\n",
  "dist/main.js": "x\ny\nz\n//# sourceMappingURL=main.js.map\n",
  "dist/main.js.map": map("../src/cart.ts"),
  "dist/inline.js": `x\ny\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(map("../src/pay.ts")).toString("base64")}\n`,
  "dist/stale.js": `x\n//# sourceMappingURL=stale.js.map\n//# debugId=${ID}\n`,
  "dist/stale.js.map": map("../src/pay.ts", { debugId: "00000000-0000-4000-8000-000000000000" }),
});
const running = { service: "shop", repository: URL, revision };
let store: Store;
let room: Room;

beforeAll(async () => {
  const config = parseConfig({ repositories: [{ url: URL, path: repository.path }], correlator: { artefacts: [join(folder, "builds/{service}/{revision}")] } }, folder);
  store = await openStore({ path: join(folder, "data") });
  const log = createLogger("correlator", "silent");
  const repositories = new Repositories(config);
  room = { config, store, bus, log, tail: new JournalTail(store), repositories, specs: new Specs(repositories, log) };
});
afterAll(async () => {
  await room.repositories.close();
  await bus.close();
  await store.close();
  repository.remove();
  rmSync(folder, { recursive: true, force: true });
});

async function place(file: string, at = running): Promise<string> {
  const [frame] = await framesOf(room, at, { type: "Error", stacktrace: `Error: x\n    at f (${file}:2:1)` });
  return `${frame?.path} ${frame?.file}:${frame?.line}`;
}
async function uploaded(file: string, text: string, debug_id = "", at = revision): Promise<void> {
  await insertRows(store.background, "source_maps", [{ service: "shop", revision: at, file, debug_id, bytes: text.length, at: new Date(), map: text, version: 1n }]);
}

// Before anything looks at what was uploaded: the names of a deployment are read once in a while only.
beforeAll(async () => {
  await uploaded("up.js", map("../src/pay.ts"));
  await uploaded("/static/up.js", map("webpack://shop/./src/cart.ts"));
  await uploaded("other.js", map("../src/cart.ts"), "", "b".repeat(40));
  await uploaded("bad.js", '{"version":3,"sources":[],"mappings":7}');
});

describe("frames of generated files", () => {
  it("are mapped by maps that are committed beside them or inside them", async () => {
    expect(await place("/app/dist/main.js")).toBe("src/cart.ts src/cart.ts:2");
    expect(await place("/app/dist/inline.js")).toBe("src/pay.ts src/pay.ts:2");
    expect(await place("/app/src/none.js")).toBe(" /app/src/none.js:2");
  });

  it("are mapped by build artefacts of that revision, and nothing outside their folder is read", async () => {
    const build = join(folder, "builds/shop", revision);
    mkdirSync(join(build, "static"), { recursive: true });
    writeFileSync(join(build, "static/a.js.map"), map("../../src/cart.ts"));
    writeFileSync(join(folder, "secret.js.map"), map("../src/pay.ts"));
    symlinkSync(join(folder, "secret.js.map"), join(build, "link.js.map"));
    expect(await place("https://cdn.example/static/a.js")).toBe("src/cart.ts src/cart.ts:2");
    expect(await place("/app/link.js")).toBe(" /app/link.js:2");
    expect(await place("/app/../../secret.js")).toBe(" /app/../../secret.js:2");
    expect(await place("/static/a.js", { ...running, service: "../shop" })).toBe(" /static/a.js:2");
  });

  it("are mapped by uploaded maps, the longest name first, of their own revision only", async () => {
    expect(await place("https://cdn.example/static/up.js?v=1")).toBe("src/cart.ts src/cart.ts:2");
    expect(await place("/app/out/up.js")).toBe("src/pay.ts src/pay.ts:2");
    expect(await place("/app/other.js")).toBe(" /app/other.js:2");
    expect(await place("/app/bad.js")).toBe(" /app/bad.js:2");
  });

  it("are mapped by debug id where the map beside them is of another build", async () => {
    expect(await place("/app/dist/stale.js")).toBe("dist/stale.js /app/dist/stale.js:2");
    await uploaded("elsewhere/x.js", map("../src/cart.ts"), ID);
    const later: Room = { ...room };
    const [frame] = await framesOf(later, running, { type: "Error", stacktrace: "Error: x\n    at f (/app/dist/stale.js:2:1)" });
    expect(frame).toMatchObject({ path: "src/cart.ts", line: 2 });
  });

  it("obey the manifest's rules for paths", async () => {
    const [frame] = await framesOf(room, running, { type: "Error", stacktrace: "Error: x\n    at f (/opt/pay/src/pay.ts:1:1)" });
    expect(frame?.path).toBe("services/pay/src/pay.ts");
  });
});

describe("groups by any hash", () => {
  const group = (...hashes: string[]): { id: string; hashes: string[] } => ({ id: hashes[0] ?? "", hashes });
  it("join what is known, also after a restart, and come out the same when worked twice", async () => {
    const errors = [group("a", "w"), group("b", "w"), group("c", "x"), group("b", "y")];
    const first = await groupHashesOf(room).join(errors);
    expect(first).toEqual(["a", "a", "c", "a"]);
    expect(await groupHashesOf(room).join(errors)).toEqual(first);
    expect(await groupHashesOf({ ...room }).join(errors.toReversed())).toEqual(first.toReversed());
    expect(await groupHashesOf({ ...room }).join([group("y"), group("d", "y"), group("e")])).toEqual(["a", "a", "e"]);
  });
});
