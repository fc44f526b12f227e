import { jsonToProtobuf } from "@firstfix/otlp";
import { describe, expect, it } from "vitest";
import { decodeRecord } from "./decode.ts";

const group = (name: string): Uint8Array => jsonToProtobuf("traces", Buffer.from(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [{ traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331", name, startTimeUnixNano: "1700000000000000001", endTimeUnixNano: "1700000000000000002" }] }] }] })));

describe("what can be read of a record", () => {
  it("is all of a good one, with whole numbers exact", () => {
    const { records, problem, text } = decodeRecord("traces", group("GET /"));
    expect(records).toHaveLength(1);
    expect(problem).toBeNull();
    expect(text).toContain('"startTimeNs":"1700000000000000001"');
  });

  it("is what stands before the fault", () => {
    const good = group("first");
    const { records, problem, text } = decodeRecord("traces", Buffer.concat([good, group("second").subarray(0, 20)]));
    expect(records).toMatchObject([{ name: "first" }]);
    expect(problem).toContain(`from byte ${good.byteLength} of ${good.byteLength + 20}`);
    expect(text).toContain("bytes there  0a");
  });

  it.each([["nothing", Buffer.alloc(0), null], ["no protobuf", Buffer.from("no protobuf at all"), "from byte 0"], ["an endless length", Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), "from byte 0"]] as const)("is nothing of %s, and says so", (_what, body, expected) => {
    const { records, problem } = decodeRecord("logs", body);
    expect(records).toEqual([]);
    if (expected === null) expect(problem).toBeNull();
    else expect(problem).toContain(expected);
  });
});
