import { gzipSync } from "node:zlib";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMemoryBus } from "@firstfix/bus";
import { createLogger, parseConfig } from "@firstfix/kit";
import { insertRows, openStore, select, type GroupDetail, type Store } from "@firstfix/store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Operations } from "./api.ts";
import { groupOperations } from "./groups.ts";
import { sourceMapOperations } from "./source-maps.ts";

const bus = createMemoryBus();
const REVISION = "a".repeat(40);
const packed = (map: object): string => gzipSync(JSON.stringify(map)).toString("base64");
const MAP = { version: 3, sources: ["../src/a.ts"], names: [], mappings: "AAAA", sourcesContent: ["secret source"], debugId: "85314830-023f-4cf1-a267-535f4e37bb17" };
let folder: string;
let store: Store;
let operations: Operations;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "firstfix-operations-"));
  store = await openStore({ path: join(folder, "data") });
  const room = { config: parseConfig({}, folder), store, bus, log: createLogger("operations", "silent") };
  operations = { ...sourceMapOperations(room), ...groupOperations(room) };
});
afterAll(async () => {
  await bus.close();
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

function call(name: string, input: object): Promise<unknown> {
  const operation = operations[name];
  if (operation === undefined) throw new Error(`no operation ${name}`);
  return operation(input, () => {}, new AbortController().signal);
}

describe("source maps", () => {
  it("are kept without the sources' text, and replaced when they come again", async () => {
    const upload = { service: "shop", revision: REVISION, maps: [{ file: "/static/main.js", map: packed(MAP) }] };
    expect(await call("sourceMaps.upload", upload)).toEqual({ uploaded: [{ file: "/static/main.js", bytes: expect.any(Number) as number, sources: 1, debugId: MAP.debugId }], failed: [] });
    expect(JSON.stringify(await select(store.background, "SELECT map FROM source_maps FINAL"))).not.toContain("secret");
    await call("sourceMaps.upload", upload);
    expect(await call("sourceMaps.list", { service: "shop", revision: REVISION })).toMatchObject([{ service: "shop", revision: REVISION, files: 1, names: ["/static/main.js"] }]);
    expect(await call("sourceMaps.list", {})).toMatchObject([{ files: 1, names: [] }]);
  });

  it("keep the good ones of an upload and name the others", async () => {
    const bad = [{ file: "other.js", map: packed(MAP), debugId: "00000000-0000-4000-8000-000000000000" }, { file: "none.js", map: packed({ version: 2 }) }, { file: "raw.js", map: "AAAA" }];
    const done = await call("sourceMaps.upload", { service: "mixed", revision: REVISION, maps: [...bad, { file: "good.js", map: packed(MAP) }] });
    expect(done).toMatchObject({ uploaded: [{ file: "good.js" }], failed: [{ says: expect.stringContaining("another debug id") as string }, { says: expect.stringContaining("version 3") as string }, { says: expect.stringContaining("cannot be unpacked") as string }] });
  });

  it.each([
    ["a path upwards", { maps: [{ file: "../../x.js", map: packed(MAP) }] }, "maps.0.file is not allowed"],
    ["none at all", { maps: [] }, "maps is not allowed"],
    ["a name that steers a terminal", { service: "a\u001b[2J" }, "service is not allowed"],
    ["a branch for a revision", { revision: "main" }, 'hex digits, not "main"'],
    ["more keys", { more: 1 }, "is not allowed"],
  ])("refuse %s", async (_why, change, says) => {
    await expect(call("sourceMaps.upload", { service: "shop", revision: REVISION, maps: [{ file: "x.js", map: packed(MAP) }], ...change })).rejects.toMatchObject({ code: "bad_request", message: expect.stringContaining(says) as string });
  });
});

it("lists, shows, merges and splits groups, and names who did it", async () => {
  const [a, b] = [`grp_${"a".repeat(16)}`, `grp_${"b".repeat(16)}`];
  const row = (group_id: string, error_id: string, fingerprint: string): object => ({ error_id, group_id, fingerprint, time: new Date(), trace_hex: "", span_hex: "", service: "shop", environment: "production", revision: "r", repository: "", operation: "", type: "E", message: error_id, stacktrace: "", file: "", function: "", line: 0 });
  await insertRows(store.background, "errors", [row(a, "one", `fpr_${"1".repeat(16)}`), row(a, "two", `fpr_${"2".repeat(16)}`), row(b, "three", `fpr_${"3".repeat(16)}`)]);
  expect(await call("groups.list", {})).toHaveLength(2);
  expect(await call("groups.list", { service: "none" })).toEqual([]);
  await call("groups.merge", { into: a, groups: [b], by: "Ada" });
  expect(((await call("groups.show", { group: b })) as GroupDetail).fingerprints).toHaveLength(3);
  await call("groups.split", { group: a, fingerprints: [b] });
  expect(((await call("groups.show", { group: a })) as GroupDetail).fingerprints).toHaveLength(2);
  expect((await store.journal.read()).map((entry) => [entry.kind, entry.actor])).toEqual([["groups.merged", "person:Ada"], ["groups.merged", "person:command line"]]);
  await expect(call("groups.merge", { into: "x", groups: [b] })).rejects.toMatchObject({ code: "bad_request" });
});
