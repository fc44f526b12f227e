import { envDetector } from "@opentelemetry/resources";
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { encodeAttributes, isSendable, parseAttributes, unreadPairs } from "./attributes.ts";

afterEach(() => vi.unstubAllEnvs());

/** What the SDK for JavaScript makes of it. */
function bySdk(list: string): Record<string, unknown> {
  vi.stubEnv("OTEL_RESOURCE_ATTRIBUTES", list);
  vi.stubEnv("OTEL_SERVICE_NAME", "");
  return { ...envDetector.detect().attributes };
}

// The SDK sets attributes on a plain object, where __proto__ is no key of its own.
const key = fc.string({ minLength: 1, maxLength: 20, unit: "binary" }).filter((text) => isSendable(text) && text.trim() === text && text !== "__proto__");
const value = fc.string({ minLength: 1, maxLength: 80, unit: "binary" }).filter((text) => isSendable(text) && text.trim() === text);

describe("OTEL_RESOURCE_ATTRIBUTES", () => {
  it("is read by the SDK for JavaScript, and by ourselves, as it was meant", () => {
    fc.assert(fc.property(fc.dictionary(key, value, { minKeys: 1, maxKeys: 6, noNullPrototype: true }), (attributes) => {
      const wanted = new Map(Object.entries(attributes));
      const list = encodeAttributes(wanted);
      expect(parseAttributes(list)).toEqual(wanted);
      expect(bySdk(list)).toEqual(Object.fromEntries(wanted));
      // Nothing that a shell, YAML or an environment file could read as more than text.
      expect(list).toMatch(/^[A-Za-z0-9._:/@%,=-]+$/);
    }));
  });

  it("leaves addresses and versions as they are, for SDKs that decode nothing", () => {
    expect(encodeAttributes(new Map([["vcs.repository.url.full", "https://git.example.com/team/shop.git"], ["service.version", "v1.2-3-g0abc"]])))
      .toBe("vcs.repository.url.full=https://git.example.com/team/shop.git,service.version=v1.2-3-g0abc");
    expect(encodeAttributes(new Map([["a", "x, y=z + 50% ~é"]]))).toBe("a=x%2C%20y%3Dz%20%2B%2050%25%20%7E%C3%A9");
  });

  it("is read leniently where somebody else wrote it", () => {
    expect([...parseAttributes(" team = a b ,url=https://x/?q=1,broken,=x,bad=%zz,bad2=100%")]).toEqual([["team", "a b"], ["url", "https://x/?q=1"], ["bad", "%zz"], ["bad2", "100%"]]);
  });

  it("names what is no pair, bounded", () => {
    expect(unreadPairs(" team = a b ,a=,bad=%zz,, ,")).toEqual([]);
    expect(unreadPairs("a=b,broken\u001b[31m, =x")).toEqual(['OTEL_RESOURCE_ATTRIBUTES: "broken\\u001b[31m" is no key=value and is left out', 'OTEL_RESOURCE_ATTRIBUTES: "=x" is no key=value and is left out']);
    const many = unreadPairs(Array.from({ length: 9 }, () => "x".repeat(500)).join(","));
    expect(many).toHaveLength(6);
    expect(many[0]).toBe(`OTEL_RESOURCE_ATTRIBUTES: "${"x".repeat(60)}…" is no key=value and is left out`);
    expect(many[5]).toBe("OTEL_RESOURCE_ATTRIBUTES: 4 more pairs are no key=value and are left out");
  });

  it("is read up to a whole pair where it is too long", () => {
    const long = `a=b,c=${"x".repeat(20_000)},d=e`;
    expect([...parseAttributes(long)]).toEqual([["a", "b"]]);
    expect(unreadPairs(long)).toEqual([`OTEL_RESOURCE_ATTRIBUTES has ${long.length} characters: what stands behind the first 16384 is left out`]);
    expect([...parseAttributes("x".repeat(20_000))]).toEqual([]);
  });

  it("takes no value that an SDK would refuse", () => {
    expect(isSendable("x".repeat(255))).toBe(true);
    for (const text of ["", "x".repeat(256), "a\nb", "\u001B[31m", "\uD800"]) expect(isSendable(text)).toBe(false);
    // The reason for the bound: with one such value the SDK discards all.
    expect(bySdk(`a=b,c=${"x".repeat(256)}`)).toEqual({});
  });
});
