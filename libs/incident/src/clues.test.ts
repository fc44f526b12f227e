import { describe, expect, it } from "vitest";
import { librariesOf, placesOf, symbolsOf } from "./clues.ts";
import type { Finding, StackFrame } from "./types.ts";

const frame = (path: string, line: number, inApp = true): StackFrame => ({ function: `Cart.fee${line}`, file: `/app/${path}`, path, line, column: 1, inApp });
const base: Finding = { kind: "error", key: "k", title: "t", witness: { traceId: "", spanId: "", operation: "POST /pay", time: 0 }, count: 1, firstSeen: 0 };

describe("what suspicion starts from", () => {
  it("takes mapped in-app frames, innermost heaviest", () => {
    const error = { type: "E", message: "x", stacktrace: "", frames: [frame("src/a.js", 1), frame("src/lib.js", 2, false), frame("", 3), frame("src/b.js", 4)] };
    expect(placesOf([{ ...base, error }])).toEqual([
      { path: "src/a.js", line: 1, function: "Cart.fee1", weight: 1 },
      { path: "src/b.js", line: 4, function: "Cart.fee4", weight: 0.7 },
    ]);
  });
  it("takes the packages that an error went through before it came to the application, and not the platform", () => {
    const at = (file: string, name: string, inApp = false): StackFrame => ({ function: name, file, path: "", line: 1, column: 0, inApp });
    const through = (...frames: readonly StackFrame[]): string[] => librariesOf([{ ...base, error: { type: "E", message: "", stacktrace: "", frames } }]).map((one) => one.function);
    const node = [at("node:internal/url", "URL"), at("/app/node_modules/got/index.js", "got")];
    expect(through(...node, at("/app/src/a.js", "pay", true), at("/app/node_modules/express/lib/router.js", "next"))).toEqual(["got"]);
    expect(through(...node)).toEqual(["got"]);
    expect(through(at("java/util/Objects.java", "requireNonNull"), at("com/fasterxml/jackson/databind/ObjectMapper.java", "readValue"))).toEqual(["readValue"]);
    expect(through(at("", "System.ThrowHelper.ThrowNull"), at("", "System.Collections.Generic.List.Add"), at("", "System.Text.Json.JsonSerializer.Deserialize"), at("", "Npgsql.Connector.Open"))).toEqual(["System.Text.Json.JsonSerializer.Deserialize", "Npgsql.Connector.Open"]);
    expect(through(at("/usr/lib/python3.11/json/decoder.py", "decode"), at("/usr/lib/python3.11/site-packages/requests/models.py", "json"))).toEqual(["json"]);
  });
  it("names functions and quoted names of an error, and what a check quotes, whole", () => {
    const error = { type: "TypeError", message: "Cannot read properties of undefined (reading 'total')", stacktrace: "", frames: [frame("src/a.js", 1)] };
    expect(symbolsOf([{ ...base, error }])).toEqual(["POST /pay", "fee1", "total"]);
    const violation = { checkName: "paid", requirementId: "1", requirementTitle: "", requirementText: "THE Shop SHALL ship", file: "", line: 1, specBlob: "", detail: "", check: ['when: has(span.attributes["shop.order.id"])', 'eventually: span.name == "order.ship"'] };
    const violated: Finding = { ...base, kind: "violation", violation };
    expect(symbolsOf([violated])).toEqual(["POST /pay", "shop.order.id", "order.ship", "paid", "the", "shop", "shall", "ship"]);
  });
});
