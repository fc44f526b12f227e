import { describe, expect, it } from "vitest";
import { createKeyring, presentedKey } from "./keys.ts";

const SHOP = { name: "shop", key: "shop-0123456789abcdef" };
const BANK = { name: "bank", key: "bank-0123456789abcdef" };

describe("without keys", () => {
  it.each(["127.0.0.1", "127.9.9.9", "localhost", "::1", "[::1]"])("a loopback address takes from everybody: %s", (host) => {
    expect(createKeyring({ host, keys: [] })(undefined).name).toBe("");
  });

  it.each(["0.0.0.0", "::", "10.0.0.1", "128.0.0.1", "localhost.example.com", ""])("any other is refused, with the key, its value and what to do: %j", (host) => {
    expect(() => createKeyring({ host, keys: [] })).toThrow(expect.objectContaining({ code: "config.invalid", message: expect.stringContaining(`ingest.host is ${JSON.stringify(host)}`), hint: expect.stringContaining("ingest.keys: [{name:") }));
  });
});

describe("with keys", () => {
  const keyring = createKeyring({ host: "0.0.0.0", keys: [SHOP, BANK] });

  it("each finds its sender", () => {
    expect(keyring(SHOP.key).name).toBe("shop");
    expect(keyring(BANK.key).name).toBe("bank");
  });

  it.each([undefined, "", "shop", `${SHOP.key} `, SHOP.key.slice(1), SHOP.key.toUpperCase()])("nothing else is let in: %j", (presented) => {
    expect(() => keyring(presented)).toThrow(expect.objectContaining({ code: "ingest.unauthorized" }));
  });

  it("a refusal does not say what was presented, nor what is known", () => {
    for (const presented of ["secret-0123456789", undefined]) {
      try {
        keyring(presented);
        expect.unreachable();
      } catch (error) {
        expect(JSON.stringify([error, String(error), (error as { hint?: string }).hint])).not.toMatch(/secret-0|shop-0|bank-0/);
      }
    }
  });

  it("the same key twice is refused, without showing it", () => {
    expect(() => createKeyring({ host: "::1", keys: [SHOP, { ...BANK, key: SHOP.key }] })).toThrow(/ingest\.keys\.1\.key: the same key stands twice \(names shop and bank\)$/);
  });
});

describe("rates", () => {
  it("hold for each key alone, in records and bytes, and say when to come again", () => {
    const keyring = createKeyring({ host: "::1", keys: [{ ...SHOP, recordsPerSecond: 10, bytesPerSecond: 1000 }, BANK] }, 0);
    const [shop, bank] = [keyring(SHOP.key), keyring(BANK.key)];
    shop.take(50, 100, 0);
    expect(() => shop.ready(0)).toThrow(expect.objectContaining({ code: "ingest.rate_limited", message: "the key shop may send 10 records a second", retryAfterMs: expect.closeTo(100) }));
    bank.take(1e6, 1e9, 0);
    expect(() => bank.ready(0)).not.toThrow();
    shop.take(1, 5000, 5000);
    expect(() => shop.take(1, 1, 5000)).toThrow(/1000 bytes a second/);
  });

  it("are not used up by what is refused, or could not be stored", () => {
    const sender = createKeyring({ host: "::1", keys: [{ ...SHOP, recordsPerSecond: 10, bytesPerSecond: 1000 }] }, 0)(SHOP.key);
    sender.take(40, 100, 0);
    for (let times = 0; times < 20; times++) expect(() => sender.take(20, 1000, 0)).toThrow();
    sender.give(40, 100);
    expect(() => sender.take(50, 5000, 0)).not.toThrow();
  });
});

it("finds the key in either header", () => {
  expect(presentedKey("k", undefined)).toBe("k");
  expect(presentedKey("k", "Bearer other")).toBe("k");
  expect(presentedKey(undefined, "Bearer k")).toBe("k");
  expect(presentedKey(undefined, "bearer  k ")).toBe("k");
  expect(presentedKey(undefined, `Basic ${Buffer.from("any:one:k").toString("base64")}`)).toBe("one:k");
  for (const other of [undefined, "", "Bearer", "Bearer ", "k", "Digest k", "Basic k"]) expect(presentedKey(undefined, other)).toBeUndefined();
});
