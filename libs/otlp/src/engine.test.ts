import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient, type ClickHouseClient } from "@clickhouse/client";
import { createChdbConnection } from "chdb/connection";
import { FirstfixError } from "@firstfix/kit";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ENGINE_COLUMNS, ENGINE_MESSAGE, ENGINE_SCHEMA, type Signal } from "./schema.ts";
import { REQUEST } from "./messages.ts";
import { encodeRequest, logs, NOW_MS, traces } from "./walk/arbitrary.ts";
import { choices, chooser, repeatFields } from "./walk/repeat.ts";
import { walkLimits, walkRequest, type WalkResult } from "./walk/index.ts";

/** What the walk lets through, the engine must take: one body that it refuses would stop everybody's batch. */
type Connection = Extract<Parameters<typeof createClient>[0], { connection: unknown }>["connection"];
let client: ClickHouseClient;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "firstfix-otlp-"));
  client = createClient({ connection: createChdbConnection({ path: join(folder, "data") }) as unknown as Connection });
  // As text, the engine would keep a copy of the schema in the folder where this process was started.
  writeFileSync(join(folder, "otlp.proto"), ENGINE_SCHEMA);
  // The engine loads with its first statement, which takes seconds on a busy machine.
  await client.query({ query: "SELECT 1" });
});

afterAll(async () => {
  await client.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("bodies that passed the walk", () => {
  const edits = fc.array(fc.record({ at: fc.nat(), byte: fc.nat({ max: 255 }) }), { maxLength: 3 });
  const altered = (signal: Signal, messages: fc.Arbitrary<object>) =>
    fc.array(fc.tuple(messages, edits).map(([message, edits]) => mutate(encodeRequest(signal, message), edits)), { minLength: 1, maxLength: 20 });

  it("are read by the engine, record for record, also where bytes were altered on the way", async () => {
    await fc.assert(fc.asyncProperty(altered("traces", traces({ nested: true })), (bodies) => same("traces", bodies)), { numRuns: 25 });
    await fc.assert(fc.asyncProperty(altered("logs", logs({ nested: true })), (bodies) => same("logs", bodies)), { numRuns: 25 });
  });

  it("are read where fields come twice and values have several members", async () => {
    const repeated = (signal: Signal, messages: fc.Arbitrary<object>) =>
      fc.array(fc.tuple(messages, choices).map(([message, from]) => repeatFields(REQUEST[signal], encodeRequest(signal, message), chooser(from))), { minLength: 1, maxLength: 20 });
    await fc.assert(fc.asyncProperty(repeated("traces", traces({ nested: true })), (bodies) => same("traces", bodies)), { numRuns: 25 });
    await fc.assert(fc.asyncProperty(repeated("logs", logs({ nested: true })), (bodies) => same("logs", bodies)), { numRuns: 25 });
  });

  it("have no numbers that the engine stops at", async () => {
    // Field 6 of a span, kind, as a number of ten bytes: only with a last byte of 1 is it one of 64 bits in ten.
    const ids = [0x0a, 16, ...Array<number>(16).fill(1), 0x12, 8, ...Array<number>(8).fill(2)];
    const time = Buffer.alloc(18);
    time[0] = 0x39;
    time[9] = 0x41;
    for (const at of [1, 10]) time.writeBigUInt64LE(BigInt(NOW_MS) * 1_000_000n, at);
    const nested = (content: readonly number[], levels: number): number[] => (levels === 0 ? [...content] : nested([levels === 1 ? 0x0a : 0x12, content.length, ...content], levels - 1));
    const body = (kind: readonly number[]): Uint8Array => Uint8Array.from(nested([...ids, ...time, 0x30, ...kind], 3));
    const passed: number[] = [];
    for (const last of [0, 1, 2, 0x7f]) {
      for (const low of [0x80, 0xff]) {
        const walked = walkOrNull("traces", body([...Array<number>(4).fill(low), 0xff, ...Array<number>(4).fill(0xff), last]));
        if (walked === null) continue;
        passed.push(last);
        expect(await read("traces", walked.body, "toUInt32(length(resource_spans)) AS n")).toEqual([{ n: 1 }]);
      }
    }
    expect(passed).toEqual([1, 1]);
  });

  it("keep 0, false and empty texts apart from absent ones", async () => {
    const values = [{ case: "stringValue", value: "" }, { case: "boolValue", value: false }, { case: "intValue", value: 0n }, { case: "doubleValue", value: 0 }, { case: "arrayValue", value: { values: [] } }, { case: undefined }];
    const attributes = values.map((value, index) => ({ key: String(index), value: { value } }));
    const time = BigInt(NOW_MS) * 1_000_000n;
    const span = { traceId: new Uint8Array(16).fill(1), spanId: new Uint8Array(8).fill(2), startTimeUnixNano: time, endTimeUnixNano: time, attributes };
    const { body } = walkRequest("traces", encodeRequest("traces", { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }), walkLimits(NOW_MS));
    expect(await read("traces", body, "resource_spans[1].scope_spans[1].spans[1].attributes.value.value AS present")).toEqual([{ present: [1, 2, 3, 4, 1001, 0] }]);
  });
});

/** Walks each body and has the engine read those that passed in one statement, as the writer does. */
async function same(signal: Signal, bodies: readonly Uint8Array[]): Promise<void> {
  const passed = bodies.map((body) => walkOrNull(signal, body)).filter((one) => one !== null);
  const [outer, inner, records] = signal === "traces" ? ["resource_spans", "scope_spans", "spans"] : ["resource_logs", "scope_logs", "log_records"];
  const rows = await read(signal, Buffer.concat(passed.map((one) => one.body)), `toUInt32(arraySum(g -> arraySum(s -> length(s.${records}), g.${inner}), ${outer})) AS records`);
  // An empty body has no row; ingest keeps those back.
  const [row] = rows as { records: number }[];
  expect(row?.records ?? 0).toBe(passed.reduce((sum, one) => sum + one.records - one.rejected, 0));
}

function walkOrNull(signal: Signal, body: Uint8Array): WalkResult | null {
  try {
    return walkRequest(signal, body, walkLimits(NOW_MS));
  } catch (error) {
    if (error instanceof FirstfixError && error.code === "otlp.malformed") return null;
    throw error;
  }
}

async function read(signal: Signal, body: Uint8Array, columns: string): Promise<unknown[]> {
  const file = join(folder, "body.bin");
  writeFileSync(file, body);
  const settings = `format_schema_source='file', format_schema='${join(folder, "otlp.proto")}:${ENGINE_MESSAGE[signal]}', input_format_protobuf_oneof_presence=1`;
  const result = await client.query({ query: `SELECT ${columns} FROM file('${file}', ProtobufSingle, '${ENGINE_COLUMNS[signal]}') SETTINGS ${settings}`, format: "JSONEachRow" });
  return result.json();
}

function mutate(body: Uint8Array, edits: readonly { at: number; byte: number }[]): Uint8Array {
  const copy = Uint8Array.from(body);
  if (copy.length > 0) for (const edit of edits) copy[edit.at % copy.length] = edit.byte;
  return copy;
}
