import { describe, expect, it } from "vitest";
import { mapFrames } from "../stack/map.ts";
import { parseStack } from "../stack/parse.ts";
import { groupError } from "./group.ts";
import { leadPhrase, normaliseMessage } from "./message.ts";

const PATHS = ["src/cart.js", "src/server.js", "src/coupons.js"];
function id(type: string, message: string, stack: string[], paths = PATHS): string {
  const text = `${type}: ${message}\n${stack.map((line) => `    at ${line}`).join("\n")}`;
  return groupError({ type, message, frames: mapFrames(parseStack(text), { paths }) }).groupId;
}

describe("one problem stays in one group", () => {
  const base = id("TypeError", "boom 17", ["total (/app/src/cart.js:10:5)", "async handle (/app/src/server.js:20:3)", "next (/app/node_modules/express/lib/router.js:1:1)"]);
  it.each([
    ["when lines shift between revisions", ["total (/app/src/cart.js:99:1)", "async handle (/app/src/server.js:21:3)", "next (/app/node_modules/express/lib/router.js:1:1)"]],
    ["when the container's folder moves", ["total (/srv/build/42/src/cart.js:10:5)", "handle (/srv/build/42/src/server.js:20:3)"]],
    ["when packages and the runtime change", ["total (/app/src/cart.js:10:5)", "node:internal/x (node:internal/x:1:1)", "handle (/app/src/server.js:20:3)", "wrapped (/app/node_modules/@opentelemetry/x/y.js:7:7)"]],
    ["when V8 guesses another receiver", ["Cart.total (/app/src/cart.js:10:5)", "async Object.handle [as fn] (/app/src/server.js:20:3)"]],
    ["when recursion goes deeper", ["total (/app/src/cart.js:10:5)", "total (/app/src/cart.js:11:5)", "total (/app/src/cart.js:11:5)", "handle (/app/src/server.js:20:3)"]],
  ])("%s", (_why, stack) => {
    expect(id("TypeError", "boom 18", stack)).toBe(base);
  });
  it("when only data in the message differs", () => {
    expect(id("Error", "no user Bob", ["find (/app/src/cart.js:1:1)"])).toBe(id("Error", "no user Alice", ["find (/app/src/cart.js:1:1)"]));
    expect(groupError({ type: "E", message: "order 17 of a@b.org", frames: [] }).groupId).toBe(groupError({ type: "E", message: "order 9 of x.y@c.net", frames: [] }).groupId);
  });
  it("when a bundle's hash changes", () => {
    expect(id("E", "", ["f (/app/dist/main.3f2a9bc1.js:1:1)"], [])).toBe(id("E", "", ["f (/app/dist/main.77ab01c2.js:1:9)"], []));
  });
});

describe("two problems stay in two groups", () => {
  const stack = ["total (/app/src/cart.js:10:5)"];
  it.each([
    ["other function", id("TypeError", "boom", stack), id("TypeError", "boom", ["tax (/app/src/cart.js:10:5)"])],
    ["other file", id("TypeError", "boom", stack), id("TypeError", "boom", ["total (/app/src/coupons.js:10:5)"])],
    ["other type", id("TypeError", "boom", stack), id("RangeError", "boom", stack)],
    ["other property in one function", id("TypeError", "Cannot read properties of undefined (reading 'percent')", stack), id("TypeError", "Cannot read properties of undefined (reading 'items')", stack)],
    ["two anonymous handlers of one file", id("Error", "no cart", ["/app/src/server.js:3:1"]), id("Error", "no coupon", ["/app/src/server.js:9:1"])],
    ["no stack, other message", groupError({ type: "E", message: "disk full", frames: [] }).groupId, groupError({ type: "E", message: "timeout", frames: [] }).groupId],
    ["no type, message only", groupError({ type: "", message: "E", frames: [] }).groupId, groupError({ type: "E", message: "", frames: [] }).groupId],
  ])("%s", (_why, a, b) => {
    expect(a).not.toBe(b);
  });
});

describe("groupError", () => {
  it("obeys a fingerprint above all", () => {
    expect(groupError({ type: "A", message: "x", frames: [], fingerprint: "pay" }).groupId).toBe(groupError({ type: "B", message: "y", frames: [], fingerprint: "pay" }).groupId);
  });
  it("gives the in-app hash first and the whole stack's beside it", () => {
    const frames = mapFrames(parseStack("    at total (/app/src/cart.js:1:1)\n    at next (/app/node_modules/express/lib/router.js:1:1)"), { paths: PATHS });
    const { hashes, groupId, title } = groupError({ type: "TypeError", message: "boom\nmore", frames });
    expect(hashes).toHaveLength(2);
    expect(groupId).toBe(hashes[0]);
    expect(title).toBe("TypeError: boom");
  });
});

describe("leadPhrase", () => {
  it.each([
    ["payment declined", "payment declined"],
    ["Order 17 for Bob failed", "Order"],
    ["Payment declined. Try again!", "Payment declined"],
    ["can't pay the user's cart", "can't pay the user's cart"],
    ["no price for 'x'", "no price for"],
    ["no price for ‘x’", "no price for"],
    ["no coupon_code in cart-17", "no coupon_code in"],
    ["no field a=b", "no field"],
    ["cannot pay (card of ann)", "cannot pay"],
    ["one two three four five six seven eight nine", "one two three four five six seven eight"],
    ["\n  first line\nsecond", "first line"],
    ["17 is no order", ""],
    ["{\"code\":1}", ""],
    ["", ""],
  ])("%s", (text, expected) => {
    expect(leadPhrase(text)).toBe(expected);
  });
  it("stays fast on hostile text", () => {
    const start = performance.now();
    for (const bit of ["a ", " ", "'", "a.", ".,", "\n"]) leadPhrase(bit.repeat(50_000));
    expect(performance.now() - start).toBeLessThan(500);
  });
});

describe("normaliseMessage", () => {
  it.each([
    ["mail to a.b@c.org failed", "mail to <email> failed"],
    ["GET https://x.example/a?b=1 said 500", "GET <url> said <int>"],
    ["getaddrinfo ENOTFOUND db.internal", "getaddrinfo ENOTFOUND <hostname>"],
    ["connect ECONNREFUSED 10.0.0.7:5432", "connect ECONNREFUSED <ip>"],
    ["in 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "in <traceparent>"],
    ["id 9b2d7c1e-0f3a-4a7d-9c1b-2f3e4d5a6b7c gone", "id <uuid> gone"],
    ["blob 3b18e512dba79e4c8300dd08aeb37f8e728b8dad", "blob <sha1>"],
    ["sum d41d8cd98f00b204e9800998ecf8427e", "sum <md5>"],
    ["since 2026-04-01T10:00:00.123Z", "since <date>"],
    ["after 250ms and 3 seconds", "after <duration> and <duration>"],
    ["at 0xdeadbeef", "at <hex>"],
    ["commit 49d5c7f is odd", "commit <git_sha> is odd"],
    ["total -12.50 of 3", "total <float> of <int>"],
    ["key 'abc' is \"x\" and true", "key <quoted> is <quoted> and <bool>"],
    ["can't read it", "can't read it"],
  ])("%s", (text, expected) => {
    expect(normaliseMessage(text)).toBe(expected);
  });
  it("stays fast on hostile text", () => {
    const start = performance.now();
    for (const bit of ["a.", "a@", "1.", "0", "'", "a:", "f-", "::"]) normaliseMessage(bit.repeat(50_000));
    expect(performance.now() - start).toBeLessThan(500);
  });
});
