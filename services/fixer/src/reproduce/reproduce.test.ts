import type { Finding } from "@firstfix/incident";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseCapture, planRequest } from "./capture.ts";
import { testFileOf, type TestFileInput } from "./test-file.ts";

const capture = { method: "POST", target: "/checkout?x=1", headers: { "content-type": "application/json", host: "shop", Authorization: "[redacted]", "x-tenant": "a", "x-bad": "a\r\nb: c" }, body: "{}", bodyEncoding: "utf8", truncated: false } as const;

describe("a captured request", () => {
  it("is sent again without the connection, the secrets and the past trace", () => {
    const parsed = parseCapture(JSON.stringify(capture));
    expect(parsed).toEqual(capture);
    const planned = planRequest("captured", parsed as NonNullable<typeof parsed>);
    expect(planned.headers).toEqual({ "content-type": "application/json", "x-tenant": "a" });
    expect(planned.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(Buffer.from(planned.body ?? "", "base64").toString()).toBe("{}");
  });

  it("is refused where it cannot be replayed or is no request", () => {
    for (const bad of [{ ...capture, truncated: true }, { ...capture, method: "CONNECT" }, { ...capture, target: "http://x/" }, { ...capture, target: "/a\r\nb" }, { ...capture, headers: null }]) expect(parseCapture(JSON.stringify(bad))).toBeNull();
    fc.assert(fc.property(fc.anything(), (value) => {
      parseCapture(value);
    }));
    fc.assert(fc.property(fc.jsonValue(), (value) => {
      expect(parseCapture(JSON.stringify(value))).toBeNull();
    }));
  });
});

describe("the reproduction as a test", () => {
  const finding = (kind: "error" | "violation", require = ""): Finding => ({ kind, key: "k", title: "Total\u0007 `${x}`", witness: { traceId: "", spanId: "", operation: "", time: 0 }, count: 1, firstSeen: 0, ...(kind === "violation" ? { violation: { checkName: "", requirementId: "", requirementTitle: "", requirementText: "", file: "", line: 0, specBlob: "", check: ["when: true", `require: ${require}`], detail: "" } } : {}) });
  const input = (more: Partial<TestFileInput>): TestFileInput => ({ incidentId: "inc_0123456789abcdef", finding: finding("error"), request: capture, response: { status: 500, body: "" }, start: "node --import x server.js", ready: "/", paths: ["test/a.test.js"], packageJson: '{"type":"module"}', ...more });

  it("asserts what can be seen from outside", () => {
    const file = testFileOf(input({}));
    expect(file?.path).toBe("test/firstfix-0123456789abcdef.test.js");
    expect(file?.text).toContain('import test from "node:test";');
    expect(file?.text).toContain("response.status < 500");
    expect(file?.text).not.toContain("redacted");
    const bound = testFileOf(input({ finding: finding("violation", 'double(span.attributes["shop.order.total"]) >= 0.0'), response: { status: 201, body: '{"order":{"total":-5}}' } }));
    expect(bound?.text).toContain('numberNamed(JSON.parse(text), "total")');
    expect(bound?.text).toContain("value >= 0.0");
  });

  it("is written in the repository's module style", () => {
    expect(testFileOf(input({ packageJson: "{}" }))?.text).toContain('const test = require("node:test");');
    expect(testFileOf(input({ packageJson: "{}", paths: ["tests/a.test.mjs"] }))).toMatchObject({ path: "tests/firstfix-0123456789abcdef.test.mjs", text: expect.stringContaining("import test") as string });
  });

  it("is none where the answer shows nothing", () => {
    expect(testFileOf(input({ response: { status: 200, body: "" } }))).toBeNull();
    expect(testFileOf(input({ finding: finding("violation", 'double(span.attributes["a.total"]) >= 0.0'), response: { status: 200, body: '{"total":5}' } }))).toBeNull();
    expect(testFileOf(input({ finding: finding("violation", "span.duration_ms < 5.0"), response: { status: 200, body: "{}" } }))).toBeNull();
  });
});
