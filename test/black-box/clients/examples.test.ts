import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { cached } from "../../harness/cache.ts";
import { command } from "../../harness/command.ts";
import { startInstance, type Instance } from "../../harness/instance.ts";
import { describeWith, runs } from "../../harness/requires.ts";
import { expectRows } from "./client.ts";
import type { Sent, Value, Values } from "./sent.ts";
import { expectedRows, stopAndRead } from "./stored.ts";

const MANIFEST = join(import.meta.dirname, "examples/Cargo.toml");
const CARGO = { name: "Cargo", there: runs("cargo", "--version"), install: "apt-get install cargo" };
/** The examples are of 2018; telemetry must be kept for longer than it is accepted. */
const NINE_YEARS_MS = 9 * 365 * 24 * 3_600_000;
const KEPT = { spansDays: 3650, logsDays: 3650, findingsDays: 3650 };
const FILES = [["trace.json", "traces"], ["logs.json", "logs"], ["events.json", "logs"]] as const;

describeWith(CARGO, "the example files of opentelemetry-proto", () => {
  let folder: string;
  const instances: Instance[] = [];
  const start = async (config: Parameters<typeof startInstance>[0]): Promise<Instance> => {
    const instance = await startInstance(config);
    instances.push(instance);
    return instance;
  };
  const post = (instance: Instance, file: string, signal: string): Promise<Response> =>
    fetch(`${instance.ingestUrl}/v1/${signal}`, { method: "POST", headers: { "content-type": "application/json" }, body: readFileSync(join(folder, file)) });

  beforeAll(async () => {
    folder = await examples();
  }, 600_000);
  afterAll(async () => {
    for (const instance of instances) await instance.remove();
  });

  it("are of 2018: by default they are refused in part, with the reason, and nothing of them is stored", async () => {
    const instance = await start({});
    for (const [file, signal] of FILES) {
      const answer = await post(instance, file, signal);
      expect(answer.status).toBe(200);
      expect(answer.headers.get("content-type")).toContain("application/json");
      expect(await answer.json()).toEqual({ partialSuccess: { [signal === "traces" ? "rejectedSpans" : "rejectedLogRecords"]: "1", errorMessage: expect.stringMatching(/time/) } });
    }
    const stored = await stopAndRead(instance);
    expect([stored.spans, stored.logs, stored.deadLetters]).toEqual([[], [], []]);
  });

  it("are stored exactly where such times are allowed, and metrics are turned away", async () => {
    const instance = await start({ ingest: { pastMs: NINE_YEARS_MS }, store: KEPT });
    for (const [file, signal] of FILES) {
      const answer = await post(instance, file, signal);
      expect([answer.status, await answer.json()]).toEqual([200, {}]);
    }
    const metrics = await post(instance, "metrics.json", "metrics");
    expect(metrics.status).toBe(404);
    expect(await metrics.text()).toContain("metrics are not accepted here");

    const stored = await stopAndRead(instance, { retention: KEPT });
    const sent = FILES.map(([file]) => sentOf(JSON.parse(readFileSync(join(folder, file), "utf8"), keepDigits) as Request));
    const expected = expectedRows({ spans: sent.flatMap((one) => one.spans), logs: sent.flatMap((one) => one.logs) });
    expect([expected.spans.length, expected.logs.length]).toEqual([1, 2]);
    expectRows(stored.spans, expected.spans);
    expectRows(stored.logs, expected.logs);
  });
});

/** Folder of the examples, from the crate that carries the whole repository of the protocol. */
async function examples(): Promise<string> {
  const made = await cached("clients/examples", [readFileSync(MANIFEST, "utf8")], async (folder) => {
    copyFileSync(MANIFEST, join(folder, "Cargo.toml"));
    writeFileSync(join(folder, "empty.rs"), "");
    await command("cargo", ["vendor", "--quiet"], { cwd: folder });
  });
  return join(made, "vendor/opentelemetry-proto/src/proto/opentelemetry-proto/examples");
}

interface Request {
  readonly resourceSpans?: readonly { readonly resource: Attributed; readonly scopeSpans: readonly { readonly scope: { readonly name: string }; readonly spans: readonly JsonRecord[] }[] }[];
  readonly resourceLogs?: readonly { readonly resource: Attributed; readonly scopeLogs: readonly { readonly scope: { readonly name: string }; readonly logRecords: readonly JsonRecord[] }[] }[];
}

interface Attributed {
  readonly attributes?: readonly KeyValue[];
}

interface KeyValue {
  readonly key: string;
  readonly value: JsonValue;
}

/** OTLP JSON's AnyValue: one of its members is there. */
interface JsonValue {
  readonly stringValue?: string;
  readonly intValue?: string;
  readonly doubleValue?: string;
  readonly boolValue?: boolean;
  readonly arrayValue?: { readonly values: readonly JsonValue[] };
  readonly kvlistValue?: { readonly values: readonly KeyValue[] };
}

interface JsonRecord extends Attributed {
  readonly traceId?: string;
  readonly spanId?: string;
  readonly parentSpanId?: string;
  readonly name?: string;
  readonly kind?: string;
  readonly startTimeUnixNano?: string;
  readonly endTimeUnixNano?: string;
  readonly timeUnixNano?: string;
  readonly severityNumber?: string;
  readonly severityText?: string;
  readonly eventName?: string;
  readonly body?: JsonValue;
}

const KINDS = ["unspecified", "internal", "server", "client", "producer", "consumer"];

/** Times are numbers in some of these files: they are read as their text. */
function keepDigits(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  return typeof value === "number" ? context?.source : value;
}

function sentOf({ resourceSpans = [], resourceLogs = [] }: Request): Sent {
  return {
    spans: resourceSpans.flatMap(({ resource, scopeSpans }) => scopeSpans.flatMap(({ scope, spans }) => spans.map((span) => ({
      traceId: (span.traceId ?? "").toLowerCase(), spanId: (span.spanId ?? "").toLowerCase(), parentSpanId: (span.parentSpanId ?? "").toLowerCase(), name: span.name ?? "", kind: KINDS[Number(span.kind)] ?? "",
      start: span.startTimeUnixNano ?? "", end: span.endTimeUnixNano ?? "", status: "unset", statusMessage: "", scope: scope.name, resource: values(resource.attributes), attributes: values(span.attributes), events: [], links: [],
    })))),
    logs: resourceLogs.flatMap(({ resource, scopeLogs }) => scopeLogs.flatMap(({ scope, logRecords }) => logRecords.map((record) => ({
      traceId: (record.traceId ?? "").toLowerCase(), spanId: (record.spanId ?? "").toLowerCase(), time: record.timeUnixNano ?? "", severity: Number(record.severityNumber ?? 0), severityText: record.severityText ?? "",
      eventName: record.eventName ?? "", body: record.body === undefined ? null : value(record.body), scope: scope.name, resource: values(resource.attributes), attributes: values(record.attributes),
    })))),
  };
}

function values(list: readonly KeyValue[] = []): Values {
  return Object.fromEntries(list.map(({ key, value: one }) => [key, value(one)]));
}

function value(one: JsonValue): Value {
  if (one.stringValue !== undefined) return { string: one.stringValue };
  if (one.intValue !== undefined) return { int: one.intValue };
  if (one.doubleValue !== undefined) return { double: Number(one.doubleValue) };
  if (one.boolValue !== undefined) return { bool: one.boolValue };
  if (one.arrayValue !== undefined) return { array: one.arrayValue.values.map(value) };
  return { map: values(one.kvlistValue?.values) };
}
