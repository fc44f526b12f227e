import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { secretNames } from "./names.ts";
import { redactForm, redactHeaders, redactJson, redactTarget } from "./redact.ts";
import { REDACTED, scrubText } from "./scrub.ts";

const isSecret = secretNames(["shopPin"]);

describe("redaction", () => {
  it.each(["Authorization", "X-Api-Key", "api_key", "cardNumber", "card-number", "CVV", "ssn", "stripeSecretKey", "resetToken", "set-cookie", "shop.pin", "passwords", "userPassword2", "x-auth", "x-amz-signature", "x-forwarded-client-cert", "x-access-key-id", "sessionId"])("knows that %s is a secret", (name) => {
    expect(isSecret(name)).toBe(true);
  });

  it.each(["items", "total", "tokenCount", "pinned", "passport_country", "sku", "content-type", "author", "tokenizer", "className", "businessName", "maxTokens", "possession", "shipping", "coupon", "customer", "payment", "payment.method", "shop.order.id", "shop.coupon.code", "shop.payment.status", "shop.cart.lines"])("leaves %s alone", (name) => {
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

  it.each([
    ["/h?x=1", "password=S3CRET;x&card[cvc][0]=S3CRET&password%00=S3CRET&password[]=S3CRET&next=http://h/?token=S3CRET", redactForm],
    ["json", '{"headers":[{"name":"Authorization","value":"S3CRET"}],"raw":["Cookie","S3CRET"],"text":"Bearer S3CRET"}', redactJson],
    ["graphql", '{"query":"mutation{login(password:\\"S3CRET\\"){id}}","variables":{"password":"S3CRET"}}', redactJson],
    ["escaped name", '{"pass\\u0077ord":"S3CRET", bad', redactJson],
    ["broken list", '{"password":["S3CRET",{"a":"S3CRET"}], "kept":1, bad', redactJson],
    ["lines", '{"password":"S3CRET"}\n{"password":"S3CRET"}', redactJson],
    ["xml", "<login><ns:password a='b'>S3CRET</ns:password><token><![CDATA[S3CRET]]></token><user>ada</user></login>", scrubText],
    ["text", "user=a&password=S3CRET\npassword: S3CRET\nAuthorization: Custom S3CRET", scrubText],
    ["address", "postgres://u:S3CRET@h/db and postgres://u:S3CRET", scrubText],
    ["credentials", "Bearer S3CRET, Basic czpTM0NSRVQ= eyJhbGciOiJIUzI1NiJ9.eyJS3CRET.sig_1 sk_live_S3CRETS3CRET", scrubText],
    ["JSON within a text", JSON.stringify({ log: JSON.stringify({ password: "S3CRET", deeper: JSON.stringify({ token: "S3CRET" }) }) }), scrubText],
    ["query", "UPDATE users SET password = 'S3CRET' WHERE id = 1", scrubText],
  ])("finds the secrets of: %s", (_kind, text, redact) => {
    expect(redact(text, isSecret)).not.toMatch(/S3CRET|czpTM/);
    expect(redact(redact(text, isSecret), isSecret)).toBe(redact(text, isSecret));
  });

  it.each([
    "Bearer token missing", "Basic authentication is off", "http://localhost:8080", "see http://localhost:8080/a?b=1", "if (token === x) return", "the author: ada",
    "query($password: String!) {\n  login(password: $password) { id }\n}", "TokenError: no more of them", "at Session.open (file:///app/session.js:10:3)",
    "Unexpected token } in JSON at position 3", "items=1&coupon=SPRING10", "<user>ada</user>", '{"passwordChanged":true}',
  ])("leaves this as it is: %s", (text) => {
    expect(scrubText(text, isSecret)).toBe(text);
    expect(redactJson(JSON.stringify({ text, passwordChanged: true }), isSecret)).toBe(JSON.stringify({ text, passwordChanged: true }));
  });

  it("keeps a checkout of the shop but for its token", () => {
    const order = { customer: { email: "a@shop.example" }, items: [{ sku: "mug", quantity: 2 }], coupon: "SPRING10", shipping: { country: "AT" }, payment: { method: "card", token: "tok_visa" } };
    expect(JSON.parse(redactJson(JSON.stringify(order), isSecret))).toEqual({ ...order, payment: { method: "card", token: REDACTED } });
  });

  it("cleans headers that hold an address", () => {
    expect(redactHeaders({ referer: "http://x/?token=S3CRET&a=1", via: "Bearer S3CRET" }, isSecret)).toEqual({ referer: "http://x/?token=%5Bredacted%5D&a=1", via: `Bearer ${REDACTED}` });
  });

  it.each(["a", "=", "token=", "<a ", "eyJ-", "://a:", "Bearer ", '"', '\\"', '"password":[', "password: ", "a;", "token=;", "[", "Basic+"])("takes time in proportion to a text of %s", (part) => {
    const text = part.repeat(Math.ceil(65_536 / part.length));
    const before = performance.now();
    scrubText(text, isSecret);
    redactJson(`{${text}`, isSecret);
    redactForm(text, isSecret);
    expect(performance.now() - before).toBeLessThan(1_500);
  });
});
