import { create, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { REQUEST } from "../messages.ts";
import type { Signal } from "../schema.ts";

/** Requests for property tests: everything that OTLP can say, within a time window around NOW_MS. */
export const NOW_MS = Date.UTC(2026, 0, 15, 12);

export function encodeRequest(signal: Signal, message: object): Uint8Array {
  return toBinary(REQUEST[signal], create(REQUEST[signal], message as Record<string, unknown>));
}

export function traces(options: { readonly nested: boolean }): fc.Arbitrary<{ resourceSpans: Group<"scopeSpans", "spans">[] }> {
  const attributes = attributesOf(options.nested);
  const span = fc
    .record({
      traceId: id(16),
      spanId: id(8),
      parentSpanId: fc.oneof(id(8), fc.constant(new Uint8Array())),
      traceState: text(),
      name: text(),
      kind: fc.integer({ min: -1, max: 7 }),
      startTimeUnixNano: time(),
      duration: fc.bigInt({ min: 0n, max: 10n ** 9n }),
      flags: fc.nat(),
      attributes,
      events: fc.array(fc.record({ timeUnixNano: time(), name: text(), attributes }), { maxLength: 2 }),
      links: fc.array(fc.record({ traceId: id(16), spanId: id(8), attributes }), { maxLength: 1 }),
      status: fc.option(fc.record({ code: fc.nat({ max: 2 }), message: text() }), { nil: undefined }),
    })
    .map(({ duration, ...one }) => ({ ...one, endTimeUnixNano: one.startTimeUnixNano + duration }));
  return groups("scopeSpans", "spans", span, attributes).map((resourceSpans) => ({ resourceSpans }));
}

export function logs(options: { readonly nested: boolean }): fc.Arbitrary<{ resourceLogs: Group<"scopeLogs", "logRecords">[] }> {
  const attributes = attributesOf(options.nested);
  const record = fc.record({
    timeUnixNano: fc.oneof(time(), fc.constant(0n)),
    observedTimeUnixNano: time(),
    severityNumber: fc.nat({ max: 24 }),
    severityText: text(),
    body: fc.option(options.nested ? any() : scalar(), { nil: undefined }),
    attributes,
    traceId: fc.oneof(id(16), fc.constant(new Uint8Array())),
    spanId: fc.oneof(id(8), fc.constant(new Uint8Array())),
    eventName: text(),
    flags: fc.nat(),
  });
  return groups("scopeLogs", "logRecords", record, attributes).map((resourceLogs) => ({ resourceLogs }));
}

type Group<Scopes extends string, Records extends string> = { resource: { attributes: unknown[] } } & Record<Scopes, ({ scope: object } & Record<Records, unknown[]>)[]>;

function groups<Scopes extends string, Records extends string>(scopes: Scopes, records: Records, record: fc.Arbitrary<unknown>, attributes: fc.Arbitrary<unknown[]>): fc.Arbitrary<Group<Scopes, Records>[]> {
  const scope = fc.record({ scope: fc.record({ name: text(), version: text(), attributes }), [records]: fc.array(record, { maxLength: 4 }), schemaUrl: text() });
  return fc.array(fc.record({ resource: fc.record({ attributes }), [scopes]: fc.array(scope, { maxLength: 2 }) }), { maxLength: 3 }) as unknown as fc.Arbitrary<Group<Scopes, Records>[]>;
}

function attributesOf(nested: boolean): fc.Arbitrary<{ key: string; value?: unknown }[]> {
  const value = fc.option(nested ? any() : scalar(), { nil: undefined });
  return fc.uniqueArray(fc.record({ key: key(), value }), { maxLength: 5, selector: (entry) => entry.key });
}

type Any = { value: { case: string | undefined; value?: unknown } };

function scalar(): fc.Arbitrary<Any> {
  return fc
    .oneof(
      fc.record({ case: fc.constant("stringValue"), value: text() }),
      fc.record({ case: fc.constant("boolValue"), value: fc.boolean() }),
      fc.record({ case: fc.constant("intValue"), value: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }) }),
      fc.record({ case: fc.constant("doubleValue"), value: double() }),
      fc.record({ case: fc.constant("bytesValue"), value: fc.uint8Array({ maxLength: 20 }) }),
      fc.constant({ case: undefined }),
    )
    .map((value) => ({ value }));
}

/**
 * Without backslashes: having read an object with the key "\\", JSON.parse of V8 14.6 takes the key "\u0000" of a like
 * object for it (`JSON.parse('{"/":1,"\\\\":2}')`, then `'{"/":1,"\\u0000":2}'`). That is the engine's fault, not the walk's.
 */
function key(): fc.Arbitrary<string> {
  return text().map((value) => value.replaceAll("\\", "|"));
}

/** Without −0, whose sign JSON.stringify drops. */
function double(): fc.Arbitrary<number> {
  return fc.double().map((value) => (value === 0 ? 0 : value));
}

function any(): fc.Arbitrary<Any> {
  const { node } = fc.letrec<{ node: Any }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      scalar(),
      fc.array(tie("node"), { maxLength: 3 }).map((values) => ({ value: { case: "arrayValue", value: { values } } })),
      fc.uniqueArray(fc.record({ key: key(), value: tie("node") }), { maxLength: 3, selector: (entry) => entry.key }).map((values) => ({ value: { case: "kvlistValue", value: { values } } })),
    ),
  }));
  return node;
}

function text(): fc.Arbitrary<string> {
  return fc.string({ unit: fc.oneof(fc.constantFrom("a", "/", "0", "\u0000", "\"", "\\"), fc.string({ unit: "binary", minLength: 1, maxLength: 1 })), maxLength: 12 }).filter((value) => value.isWellFormed());
}

function id(length: number): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ minLength: length, maxLength: length }).filter((bytes) => bytes.some((byte) => byte !== 0));
}

function time(): fc.Arbitrary<bigint> {
  return fc.bigInt({ min: BigInt(NOW_MS - 3_600_000) * 1_000_000n, max: BigInt(NOW_MS) * 1_000_000n });
}
