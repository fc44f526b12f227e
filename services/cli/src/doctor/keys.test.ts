import { parseConfig } from "@firstfix/kit";
import { describe, expect, it } from "vitest";
import { checkKeys } from "./keys.ts";

const GOOD = "9f2c1b7ae4d05836c2a1";
const OTHER = "0b8de1f3a97c5426d8e0";
const check = (ingest: object) => checkKeys(parseConfig({ ingest }, "/"));

describe("doctor on ingest keys", () => {
  it("is content with loopback and none, and with good ones", () => {
    expect(check({}).map(({ state }) => state)).toEqual(["ok"]);
    expect(check({ host: "0.0.0.0", keys: [{ name: "shop", key: GOOD }, { name: "web", key: OTHER }] }).map(({ state }) => state)).toEqual(["ok", "ok"]);
  });

  it("has a problem with an open address and no key", () => {
    expect(check({ host: "0.0.0.0" })).toMatchObject([{ state: "problem", what: expect.stringContaining("has no keys") }]);
  });

  it.each([
    ["the same key twice", [{ name: "shop", key: GOOD }, { name: "web", key: GOOD }], "problem", /shop and web are the same key/],
    ["the same name twice", [{ name: "shop", key: GOOD }, { name: "shop", key: OTHER }], "warning", /stands twice/],
    ["few different characters", [{ name: "shop", key: "aaaaaaaaaaaabbbbb" }], "warning", /easy to guess/],
    ["a word", [{ name: "shop", key: "changeme-changeme-1" }], "warning", /easy to guess/],
    ["its own name", [{ name: "checkout", key: "9f2c1bcheckout36c2" }], "warning", /easy to guess/],
  ])("sees %s", (_what, keys, state, message) => {
    const found = check({ keys }).find((one) => one.state !== "ok");
    expect(found?.state).toBe(state);
    expect(found?.what).toMatch(message);
  });

  it("never shows a key", () => {
    expect(JSON.stringify(check({ host: "0.0.0.0", keys: [{ name: "shop", key: GOOD }, { name: "web", key: GOOD }, { name: "weak", key: "passwordpassword" }] }))).not.toMatch(new RegExp(`${GOOD}|passwordpassword`));
  });
});
