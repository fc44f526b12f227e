import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nextBatchId } from "@firstfix/kit";
import { walkLimits, walkRequest } from "@firstfix/otlp";
import { openStore, select } from "@firstfix/store";
import { expect, it } from "vitest";
import { makeRequests } from "../corpus/index.ts";
import { jsonRows } from "./json-rows.ts";

/** A comparison counts only when both do the same work: all columns of the same spans, but ids, which lose bits in JSON. */
it("the rows for comparison are those of the engine", async () => {
  const folder = mkdtempSync(join(tmpdir(), "firstfix-rows-"));
  const store = await openStore({ path: join(folder, "data") });
  try {
    const requests = [...makeRequests({ signal: "traces", spans: 1500, seed: 9 })];
    const [ours, theirs] = [nextBatchId(), nextBatchId()];
    await store.insertBatch({ id: ours, signal: "traces", body: Buffer.concat(requests.map((request) => walkRequest("traces", request, walkLimits(Date.now())).body)) });
    const rows = requests.flatMap((request) => jsonRows(request, theirs));
    await store.ingest.command({ query: `INSERT INTO spans (${Object.keys(rows[0] ?? {}).join(", ")}) FORMAT JSONEachRow\n${rows.map((row) => JSON.stringify(row)).join("\n")}` });
    const columns = (await select<{ name: string }>(store.background, "SELECT name FROM system.columns WHERE database = currentDatabase() AND table = 'spans' AND default_kind = '' AND name NOT IN ('batch_id', 'trace_id', 'span_id', 'parent_span_id', 'resource', 'events')")).map(({ name }) => name);
    expect(columns.length).toBeGreaterThan(15);
    expect(new Set(Object.keys(rows[0] ?? {}))).toEqual(new Set([...columns, "batch_id", "trace_id", "span_id", "parent_span_id", "resource", "events"]));
    for (const column of [...columns.map((name) => (name.startsWith("attr_") ? `arraySort(mapKeys(${name})), arrayMap(k -> ${name}[k], arraySort(mapKeys(${name})))` : name)), "events.name", "resource_str['service.name']"]) {
      const digest = async (batch: bigint): Promise<unknown> => (await select(store.background, `SELECT count() AS count, groupBitXor(cityHash64(toString(tuple(start_time, duration_ns, name, ${column})))) AS digest FROM spans WHERE batch_id = ${batch}`))[0];
      expect(await digest(theirs), column).toEqual(await digest(ours));
    }
  } finally {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
