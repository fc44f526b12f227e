import { describe, expect, it } from "vitest";
import { CONFIG_KEYS, parseConfig, loadConfig } from "./index.ts";

describe("configuration", () => {
  it("holds the defaults when nothing is given", () => {
    const config = parseConfig({}, "/base");
    expect(config.ingest.port).toBe(4318);
    expect(config.data).toBe("/base/.firstfix/data");
  });

  it("names the key, the value and what is allowed", () => {
    expect(() => parseConfig({ ingest: { port: "abc" } }, "/")).toThrow(/ingest\.port: "abc" is not allowed \(expected number/);
    expect(() => parseConfig({ fixer: { sandbox: "docker" } }, "/")).toThrow(/fixer\.sandbox: "docker".*"bubblewrap"\|"none"/);
    expect(() => parseConfig({ ingest: { prot: 1 } }, "/")).toThrow(/ingest\.prot: no such key/);
    expect(() => parseConfig([], "/")).toThrow(/whole file/);
    expect(() => parseConfig({ ingest: { port: 70000 } }, "/")).toThrow(/ingest\.port: 70000 is not allowed .*; allowed: integer 0–65535/);
    expect(() => parseConfig({ ingest: { port: 4444 }, console: { port: 4444 } }, "/")).toThrow(/console\.port: 4444 .*each needs its own/);
  });

  it("lets the environment override one value", () => {
    expect(loadConfig(undefined, { FIRSTFIX_INGEST_PORT: "0", FIRSTFIX_FIXER_CANDIDATES_MAX: "7" })).toMatchObject({ ingest: { port: 0 }, fixer: { candidatesMax: 7 } });
    expect(() => loadConfig(undefined, { FIRSTFIX_INGEST_PORT: "many" })).toThrow(/ingest\.port: "many"/);
    expect(() => loadConfig(undefined, { FIRSTFIX_INGEST_PRT: "1" })).toThrow(/FIRSTFIX_INGEST_PRT: no such key/);
    expect(loadConfig(undefined, { FIRSTFIX_REVISION: "abc" }).ingest.port).toBe(4318);
  });

  it("takes lists from the environment, as JSON or with commas, and leaves text as it is", () => {
    const keys = [{ name: "shop", key: "9f2c1b7ae4d05836c2a1" }];
    const config = loadConfig(undefined, { FIRSTFIX_INGEST_KEYS: JSON.stringify(keys), FIRSTFIX_BUS_BROKERS: "a:9092, b:9092", FIRSTFIX_BUS_SASL_PASSWORD: "123456" });
    expect(config.ingest.keys).toEqual(keys);
    expect(config.bus).toMatchObject({ brokers: ["a:9092", "b:9092"], saslPassword: "123456" });
  });

  it("never prints a secret, however wrong it is", () => {
    for (const text of ['[{"name":"shop","key":"too-short-12"}]', '[{"name":"shop","key":"too-short-12"', '["too-short-12"]', "too-short-12"]) {
      expect(() => loadConfig(undefined, { FIRSTFIX_INGEST_KEYS: text })).toThrow(/ingest\.keys.*\(hidden\)/);
      expect(() => loadConfig(undefined, { FIRSTFIX_INGEST_KEYS: text })).not.toThrow(/too-short/);
    }
  });

  it("describes every key with a sentence", () => {
    expect(CONFIG_KEYS.length).toBeGreaterThan(20);
    for (const key of CONFIG_KEYS) expect(key.sentence, key.key).toMatch(/\.$/);
  });
});

it("refuses to keep telemetry for a shorter time than it accepts it", () => {
  expect(() => parseConfig({ store: { spansDays: 7 } }, "/")).toThrow(/store\.spansDays: 7 is not allowed \(it must be longer than ingest\.pastMs/);
  expect(() => parseConfig({ store: { logsDays: 1 } }, "/")).toThrow(/store\.logsDays/);
  expect(parseConfig({ store: { spansDays: 1, logsDays: 2 }, ingest: { pastMs: 3_600_000 } }, "/").store.spansDays).toBe(1);
});

it("reads no file without an end", () => {
  expect(() => loadConfig("/dev/zero", {})).toThrow(expect.objectContaining({ code: "config.invalid", message: "cannot read /dev/zero: it is longer than 1048576 bytes" }) as Error);
  expect(loadConfig("/dev/null", {}).ingest.port).toBe(4318);
});
