import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { REDACTED, redactForm, redactHeaders, redactJson, redactTarget, secretNames } from "./redact.ts";

const isSecret = secretNames(["shopPin"]);

describe("redaction", () => {
  it.each(["Authorization", "X-Api-Key", "api_key", "cardNumber", "card-number", "CVV", "ssn", "stripeSecretKey", "resetToken", "set-cookie", "shop.pin"])("knows that %s is a secret", (name) => {
    expect(isSecret(name)).toBe(true);
  });

  it.each(["items", "total", "tokenCount", "pinned", "passport_country", "sku", "content-type"])("leaves %s alone", (name) => {
    expect(isSecret(name)).toBe(false);
  });

  it("replaces secret fields at any depth and keeps the rest", () => {
    expect(JSON.parse(redactJson('{"a":[{"password":"x","n":1}],"card":{"cvv":123}}', isSecret)))
      .toEqual({ a: [{ password: REDACTED, n: 1 }], card: { cvv: REDACTED } });
  });

  it("keeps a body without secrets byte for byte, odd spacing and all", () => {
    const text = '{ "b" : 1.0,\n "a":[ ] }';
    expect(redactJson(text, isSecret)).toBe(text);
  });

  it("finds secrets in JSON that is cut off or malformed", () => {
    expect(redactJson('{"user":"ada","password":"hunter2","card_number": 4111111111111111, "x', isSecret))
      .toBe(`{"user":"ada","password":"${REDACTED}","card_number": "${REDACTED}", "x`);
    expect(redactJson('{"token":"cut of', isSecret)).not.toContain("cut of");
  });

  it("lets no secret of any JSON body through", () => {
    fc.assert(fc.property(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom("password", "apiKey", "x-auth-token"), fc.nat(200), (value, name, cut) => {
      const body = JSON.stringify({ before: value, [name]: "S3CRET-VALUE", after: value });
      expect(redactJson(body, isSecret)).not.toContain("S3CRET");
      const part = body.slice(0, body.length - Math.min(cut, body.length));
      expect(redactJson(part, isSecret)).not.toContain("S3CRET-VALUE");
    }));
  });

  it("redacts forms, queries and headers by name", () => {
    expect(redactForm("a=1&user%5Bpassword%5D=x&token=y&flag", isSecret)).toBe("a=1&user%5Bpassword%5D=%5Bredacted%5D&token=%5Bredacted%5D&flag");
    expect(redactTarget("/reset?token=abc&next=%2F", isSecret)).toBe("/reset?token=%5Bredacted%5D&next=%2F");
    expect(redactTarget("/plain", isSecret)).toBe("/plain");
    expect(redactHeaders({ Cookie: "sid=1", Accept: "*/*", "x-many": ["a", "b"], gone: undefined }, isSecret))
      .toEqual({ cookie: REDACTED, accept: "*/*", "x-many": "a, b" });
  });

  it("survives a field named __proto__", () => {
    expect(redactJson('{"__proto__":{"password":"x"}}', isSecret)).toBe(`{"__proto__":{"password":"${REDACTED}"}}`);
  });
});
