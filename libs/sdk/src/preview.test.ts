import { EventEmitter } from "node:events";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CHARS_MAX, ELEMENTS_MAX, FIELDS_MAX, previewVariables } from "./preview.ts";
import { secretNames } from "./names.ts";
import { REDACTED } from "./scrub.ts";

const isSecret = secretNames();
const preview = (value: unknown): unknown => previewVariables({ value }, isSecret)["value"];

describe("the preview of variables", () => {
  it("shows plain data as it is", () => {
    expect(preview({ id: 1, lines: [{ sku: "mug" }], note: null })).toEqual({ id: 1, lines: [{ sku: "mug" }], note: null });
  });

  it("redacts by name, in scopes, objects and maps", () => {
    expect(previewVariables({ password: "x", user: { apiKey: "y", name: "ada" }, map: new Map([["token", "z"]]) }, isSecret))
      .toEqual({ password: REDACTED, user: { apiKey: REDACTED, name: "ada" }, map: { token: REDACTED } });
  });

  it("redacts by value, in texts, pairs and labelled fields", () => {
    expect(previewVariables({ header: "Bearer S3CRET", list: ["Authorization", "S3CRET"], parts: ["Bearer", "S3CRET"], raw: '{"password":"S3CRET"}', url: "postgres://u:S3CRET@h", field: { name: "Cookie", value: "S3CRET" }, error: new Error("token=S3CRET") }, isSecret))
      .toEqual({ header: `Bearer ${REDACTED}`, list: ["Authorization", REDACTED], parts: ["Bearer", REDACTED], raw: `{"password":"${REDACTED}"}`, url: "postgres://u:redacted@h", field: { name: "Cookie", value: REDACTED }, error: `[error token=${REDACTED}]` });
    expect(JSON.stringify(preview('{"headers":[{"name":"Authorization","value":"S3CRET"}],"passwords":["S3CRET"],"cut'))).not.toContain("S3CRET");
    expect(JSON.stringify(preview(`${"x".repeat(250)} password="${"S3CRET".repeat(400)}`))).not.toContain("S3");
  });

  it("is bounded in depth, elements, fields and characters", () => {
    expect(preview({ a: { b: { c: { d: 1 } } } })).toEqual({ a: { b: { c: "[object]" } } });
    expect(preview(Array.from({ length: 500 }, () => 1))).toHaveLength(ELEMENTS_MAX + 1);
    expect(Object.keys(preview(Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`f${String(index)}`, 1]))) as object)).toHaveLength(FIELDS_MAX + 1);
    expect(preview("x".repeat(1_000))).toHaveLength(CHARS_MAX + 1);
  });

  it("runs none of the application's code", () => {
    const boom = (): never => { throw new Error("ran"); };
    const circle: Record<string, unknown> = {};
    circle["self"] = circle;
    expect(preview({ get x() { return boom(); } })).toEqual({ x: "[getter]" });
    expect(preview(new Proxy({}, { ownKeys: boom, getPrototypeOf: boom, getOwnPropertyDescriptor: boom }))).toBe("[proxy]");
    expect(preview({ toJSON: boom, valueOf: boom })).toEqual({ toJSON: "[function]", valueOf: "[function]" });
    expect(preview(circle)).toEqual({ self: "[circular]" });
    expect(preview(new EventEmitter())).toBe("[stream or emitter]");
  });

  it("is JSON of bounded size for whatever there is", () => {
    fc.assert(fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true, withNullPrototype: true }), (value) => {
      expect(JSON.stringify(preview(value))?.length ?? 0).toBeLessThan(1_000_000);
    }));
  });
});
