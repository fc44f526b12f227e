import { nextBatchId } from "@firstfix/kit";
import { describe, expect, it } from "vitest";
import type { StoreCase } from "./conformance-case.ts";
import { readSpans, readTrace, searchSpans } from "./spans.ts";
import { literal, select } from "./sql.ts";
import { attributes, logs, nowNs, span, traces } from "./testing/otlp.ts";

const BIG_BYTES = 16 * 1024 * 1024;
const UNICODE = "ünïcødé 漢字 🙂 \" ' \\ \n\t`; {x:String} %20 \u0001";

/** What goes in by insertBatch comes out exactly, and once. */
export function conformsInBatches({ store, number }: StoreCase): void {
  const traceId = (): string => (0xabc000 + number()).toString(16).padStart(32, "0");
  const service = (): string => `service-${number()}`;
  const count = async (of: string): Promise<number> => (await select<{ n: number }>(store().interactive, `SELECT count() AS n FROM spans WHERE service = ${literal(of)}`))[0]?.n ?? -1;
  /** In the table, and in what follows from it. */
  const counts = async (of: string): Promise<{ spans: number; exposure: number; exceptions: number; deployments: number }> => {
    const where = `WHERE service = ${literal(of)}`;
    const rows = await select<{ spans: number; exposure: number; exceptions: number; deployments: number }>(
      store().interactive,
      `SELECT (SELECT count() FROM spans ${where}) AS spans, (SELECT sum(spans) FROM exposure ${where}) AS exposure, (SELECT count() FROM exceptions ${where}) AS exceptions, (SELECT sum(spans) FROM deployments ${where}) AS deployments`,
    );
    return rows[0] ?? { spans: -1, exposure: -1, exceptions: -1, deployments: -1 };
  };
  const failing = (of: string, spans: number): Uint8Array => {
    const events = [{ timeUnixNano: String(nowNs()), name: "exception", attributes: attributes({ "exception.type": "E" }) }];
    return traces({ "service.name": of, "vcs.ref.head.revision": "a".repeat(40) }, ...Array.from({ length: spans }, () => span({ traceId: traceId(), events })));
  };

  describe("a batch", () => {
    it("comes out with every type, 0, false, the empty text and the last digit of an integer", async () => {
      const values = {
        text: "",
        unicode: UNICODE,
        [UNICODE]: "as a key",
        zero: { intValue: "0" },
        big: { intValue: "9007199254740993" },
        least: { intValue: "-9223372036854775808" },
        most: { intValue: "9223372036854775807" },
        float: { doubleValue: 0 },
        half: { doubleValue: 0.1 },
        infinite: { doubleValue: "-Infinity" },
        no: { boolValue: false },
        bytes: { bytesValue: "AQI=" },
        list: { arrayValue: { values: [{ stringValue: "a" }, { intValue: "2" }, { arrayValue: { values: [{ kvlistValue: { values: attributes({ deep: { boolValue: false } }) } }] } }] } },
        record: { kvlistValue: { values: attributes({ a: { kvlistValue: { values: attributes({ b: UNICODE, n: { intValue: "9007199254740993" } }) } } }) } },
        __proto: "kept",
      };
      const trace = traceId();
      const name = service();
      const time = nowNs();
      await store().insertBatch({ id: nextBatchId(), signal: "traces", body: traces({ ...values, "service.name": name }, span({ traceId: trace, name: UNICODE, status: { code: 2, message: UNICODE }, attributes: attributes(values), events: [{ timeUnixNano: String(time), name: UNICODE, attributes: attributes(values) }] })) });
      const [read] = await readTrace(store().interactive, trace);
      const expected = {
        text: "",
        unicode: UNICODE,
        [UNICODE]: "as a key",
        zero: 0,
        big: 9007199254740993n,
        least: -9223372036854775808n,
        most: 9223372036854775807n,
        float: 0,
        half: 0.1,
        infinite: -Infinity,
        no: false,
        bytes: "AQI=",
        list: ["a", 2, [{ deep: false }]],
        // Within a list or a record integers beyond 2^53 are text, as in OTLP's own JSON.
        record: { a: { b: UNICODE, n: "9007199254740993" } },
        __proto: "kept",
      };
      expect(read).toMatchObject({ traceId: trace, spanId: "b2".repeat(8), parentSpanId: "", service: name, name: UNICODE, kind: "server", statusCode: "error", statusMessage: UNICODE, durationNs: 1_000_000n });
      expect(read?.attributes).toEqual(expected);
      expect(read?.resource).toMatchObject(expected);
      expect(read?.events).toMatchObject([{ timeNs: time, name: UNICODE }]);
      // Infinity is no number of JSON, which events are kept as: there it is a text.
      const { infinite, ...others } = read?.events[0]?.attributes ?? {};
      expect(["-inf", "-Infinity"]).toContain(infinite);
      expect(others).toEqual(Object.fromEntries(Object.entries(expected).filter(([key]) => key !== "infinite")));
    });

    it("keeps the links of a span, and its spans are found by an attribute", async () => {
      const trace = traceId();
      const key = `conformance.key.${number()}`;
      const values = attributes({ [key]: UNICODE, number: { intValue: "9007199254740993" } });
      await store().insertBatch({ id: nextBatchId(), signal: "traces", body: traces({ "service.name": service() }, span({ traceId: trace, attributes: values, links: [{ traceId: "c3".repeat(16), spanId: "d4".repeat(8), attributes: attributes({ text: UNICODE, no: { boolValue: false } }) }] })) });
      const [row] = await select<{ links: readonly (readonly [string, string, string])[] }>(store().interactive, `SELECT arrayMap(l -> (lower(hex(l.trace_id)), lower(hex(l.span_id)), l.attributes), links) AS links FROM spans WHERE trace_id = unhex(${literal(trace)})`);
      expect(row?.links.map((link) => Object.values(link).slice(0, 2))).toEqual([["c3".repeat(16), "d4".repeat(8)]]);
      expect(JSON.parse(Object.values(row?.links[0] ?? {})[2] ?? "") as unknown).toEqual({ text: UNICODE, no: false });
      expect((await searchSpans(store().interactive, key, UNICODE, 10)).map((one) => one.traceId)).toEqual([trace]);
      expect((await searchSpans(store().interactive, "number", "9007199254740993", 10)).map((one) => one.traceId)).toContain(trace);
      expect(await searchSpans(store().interactive, key, "another", 10)).toEqual([]);
    });

    it("may be of several requests, and its traces are found by id alone", async () => {
      const [one, two] = [traceId(), traceId()];
      const name = service();
      const bodies = [traces({ "service.name": name }, span({ traceId: one })), traces({ "service.name": name }, span({ traceId: two }), span({ traceId: two, spanId: "d4".repeat(8), parentSpanId: "b2".repeat(8) }))];
      await store().insertBatch({ id: nextBatchId(), signal: "traces", body: Buffer.concat(bodies) });
      expect((await readTrace(store().interactive, two)).map(({ spanId, parentSpanId }) => [spanId, parentSpanId])).toEqual([
        ["b2".repeat(8), ""],
        ["d4".repeat(8), "b2".repeat(8)],
      ]);
      expect(await readSpans(store().interactive, `service = ${literal(name)}`, 10)).toHaveLength(3);
      expect(await readTrace(store().interactive, "' OR 1 --")).toEqual([]);
    });

    it("of logs keeps a text body as it is and another as JSON", async () => {
      const name = service();
      const time = nowNs();
      const bodies = [{ stringValue: UNICODE }, { intValue: "0" }, { boolValue: false }, { kvlistValue: { values: attributes({ a: "b" }) } }, undefined];
      await store().insertBatch({ id: nextBatchId(), signal: "logs", body: logs({ "service.name": name }, ...bodies.map((one, index) => ({ timeUnixNano: String(time + BigInt(index)), severityNumber: 9, body: one, traceId: "a1".repeat(16) }))) });
      const rows = await select(store().interactive, `SELECT body, severity, trace_hex, toUnixTimestamp64Nano(time) AS time FROM logs WHERE service = ${literal(name)} ORDER BY time`);
      expect(rows).toEqual([UNICODE, "0", "false", '{"a":"b"}', ""].map((body, index) => ({ body, severity: 9, trace_hex: "a1".repeat(16), time: time + BigInt(index) })));
    });

    it("of 16 MiB goes in whole, and once", async () => {
      const name = service();
      const text = UNICODE.repeat(400).slice(0, 16_000);
      const request = traces({ "service.name": name }, ...Array.from({ length: 32 }, () => span({ traceId: traceId(), attributes: attributes({ text }) })));
      const body = Buffer.concat(Array.from({ length: Math.ceil(BIG_BYTES / request.byteLength) }, () => request));
      const id = nextBatchId();
      for (let times = 0; times < 2; times += 1) await store().insertBatch({ id, signal: "traces", body });
      const rows = await select(store().interactive, `SELECT count() AS spans, uniqExact(attr_str['text']) AS texts, any(attr_str['text']) AS text FROM spans WHERE service = ${literal(name)}`);
      expect(rows).toEqual([{ spans: 32 * Math.ceil(BIG_BYTES / request.byteLength), texts: 1, text }]);
    });

    it("is taken once, however often it comes and even at the same time, in all that follows from it", async () => {
      const name = service();
      const batch = { id: nextBatchId(), signal: "traces", body: failing(name, 50) } as const;
      await Promise.all([store().insertBatch(batch), store().insertBatch(batch), store().insertBatch(batch)]);
      await store().insertBatch(batch);
      expect(await counts(name)).toEqual({ spans: 50, exposure: 50, exceptions: 50, deployments: 50 });
    });

    it("goes in by parts, each of them once", async () => {
      const name = service();
      const id = nextBatchId();
      const [first, second] = [failing(name, 3), failing(name, 4)];
      for (let times = 0; times < 2; times += 1) {
        await store().insertBatch({ id, part: "0", signal: "traces", body: first });
        await store().insertBatch({ id, part: "1", signal: "traces", body: second });
      }
      expect(await counts(name)).toEqual({ spans: 7, exposure: 7, exceptions: 7, deployments: 7 });
    });

    it("of the same bytes under another id is another batch", async () => {
      const name = service();
      const body = failing(name, 2);
      for (let times = 0; times < 2; times += 1) await store().insertBatch({ id: nextBatchId(), signal: "traces", body });
      expect(await count(name)).toBe(4);
    });

    it("of no bytes is nothing", async () => {
      await expect(store().insertBatch({ id: nextBatchId(), signal: "logs", body: new Uint8Array() })).resolves.toBeUndefined();
    });

    it("that the engine cannot read is refused for good, stores nothing, and harms none after it", async () => {
      const name = service();
      const good = failing(name, 1);
      for (const garbage of [Buffer.from("no protobuf at all"), Buffer.from([0x0a, 0xff, 0xff, 0x03, 0x01]), Buffer.alloc(100_000, 0xff)]) {
        const error: unknown = await store().insertBatch({ id: nextBatchId(), signal: "traces", body: Buffer.concat([good, garbage]) }).catch((thrown: unknown) => thrown);
        expect(error).toMatchObject({ code: "store.rejected", retryable: false, hint: expect.stringContaining("OTLP") as string });
        // A sender reads this; it says nothing of the machine.
        expect((error as Error).message).toMatch(/^The engine cannot read the batch: \S/);
        expect((error as Error).message).not.toMatch(/segments|bodies|file\/uri|executing|version/);
      }
      expect(await count(name)).toBe(0);
      await store().insertBatch({ id: nextBatchId(), signal: "traces", body: good });
      expect(await count(name)).toBe(1);
    });
  });
}
