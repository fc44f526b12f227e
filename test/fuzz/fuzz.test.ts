import { decodeTraces, jsonToProtobuf } from "@firstfix/otlp";
import { describe, expect, it } from "vitest";
import { loadCorpus } from "../corpus/index.ts";
import { makeCase } from "./cases.ts";
import { fuzz } from "./fuzz.ts";
import { promised } from "./meaning.ts";
import { makeSeeds } from "./seeds.ts";
import { countRecords, encodeTree, parseTree } from "./tree.ts";

/** In a minute on two cores; the whole million is `npm run fuzz:otlp -- --count 1000000`. */
const REQUESTS = 10_000;
const NOW_MS = Date.UTC(2026, 0, 15, 12);

describe("the fuzzer itself", () => {
  it("writes an unchanged tree as it was read, and counts records as a decoder does", () => {
    for (const { signal, requests } of loadCorpus()) {
      for (const request of requests) expect(Buffer.compare(encodeTree(parseTree(signal, request)), request)).toBe(0);
      if (signal === "traces") expect(countRecords(requests[0] as Uint8Array)).toBe(decodeTraces(requests[0] as Uint8Array).length);
    }
    expect(countRecords(Buffer.from("not protobuf"))).toBeNull();
  });

  it("makes the same request of the same number, and other ones of other numbers", () => {
    const seeds = makeSeeds(5, NOW_MS);
    const make = (index: number, seed = 5) => makeCase({ index, seed, seeds, nowMs: NOW_MS, grpc: true });
    for (let index = 0; index < 200; index++) expect(make(index)).toEqual(make(index));
    const whats = new Set(Array.from({ length: 2000 }, (_, index) => make(index).what).flat());
    for (const expected of ["grpc", "json", "gzip", "zstd", "deflate", "deep", "wire", "overlong", "truncate", "oneofs", "splice", "short", "long", "packed flipBytes"]) expect(whats).toContain(expected);
    expect(make(1)).not.toEqual(make(1, 6));
  });

  it("knows what an acknowledgement promises", () => {
    const request = loadCorpus().find(({ signal }) => signal === "traces")?.requests[0] as Uint8Array;
    const one = { index: 0, transport: "http", path: "/v1/traces", headers: { "content-type": "application/x-protobuf" }, body: request, framing: "plain", what: [] } as const;
    const count = countRecords(request) as number;
    const protobuf = "application/x-protobuf";
    expect(promised(one, { status: 200, contentType: protobuf, body: new Uint8Array() }).records).toBe(count);
    expect(promised(one, { status: 200, contentType: protobuf, body: Uint8Array.of(0x0a, 2, 0x08, 3) }).records).toBe(count - 3);
    expect(() => promised({ ...one, body: request.subarray(0, 100) }, { status: 200, contentType: protobuf, body: new Uint8Array() })).toThrow("no OTLP request");
    expect(() => promised(one, { status: 200, contentType: "text/html", body: new Uint8Array() })).toThrow("content type");
    const json = { ...one, headers: { "content-type": "application/json" }, body: Buffer.from('{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"a"}]}]}]}') };
    expect(promised(json, { status: 200, contentType: "application/json", body: Buffer.from('{"partialSuccess":{"rejectedSpans":"1"}}') }).records).toBe(0);
    expect(countRecords(jsonToProtobuf("traces", json.body))).toBe(1);
  });
});

describe("a product under mutated requests", () => {
  it(`answers ${REQUESTS} of them, refuses what is bad, and holds what it acknowledged`, async () => {
    const seed = Math.floor(Math.random() * 1e9);
    const result = await fuzz({ count: REQUESTS, seed, say: (line) => console.log(`seed ${seed}: ${line}`) });
    expect(result.requests).toBe(REQUESTS);
    expect(result.accepted).toBeGreaterThan(REQUESTS / 4);
    expect(result.refused).toBeGreaterThan(REQUESTS / 4);
  });
});
