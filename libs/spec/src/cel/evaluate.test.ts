import { expect, test } from "vitest";
import { spanOf } from "../check/check.fixture.ts";
import { compileEvaluate } from "./evaluate.ts";
import { parseCel } from "./parse.ts";
import { CelProblem } from "./problem.ts";

const span = spanOf({
  statusCode: "error",
  attributes: { "shop.order.total": -20, whole: 5, fraction: 2.5, big: 2n ** 53n + 1n, text: "abc", digits: "42", flag: true, list: [1, 2], foo: "x" },
  resource: { "host.name": "h1" },
});

function evaluate(text: string): unknown {
  return compileEvaluate(parseCel(text, null))(span);
}

test.each([
  // Fields, attributes, resource.
  ['span.name == "POST /checkout" && span.kind == "server" && span.status == "error"', true],
  ["span.duration_ms", 2.5],
  ['span.service + "/" + span.environment', "shop/production"],
  ['span.attributes["shop.order.total"]', -20],
  ["span.attributes.foo", "x"],
  ['span.resource["host.name"]', "h1"],
  // Presence: the standard form and has().
  ['"foo" in span.attributes', true],
  ['has(span.attributes["shop.order.total"]) && has(span.attributes.foo) && has(span.resource["host.name"])', true],
  ['has(span.attributes.list) && !("nope" in span.attributes)', true],
  // One number type: an int literal meets a double, and the other way round.
  ["span.attributes.whole == 5.0 && span.attributes.whole >= 5 && span.attributes.fraction > 2", true],
  ['double(span.attributes["shop.order.total"]) >= 0.0', false],
  ["span.attributes.big == 9007199254740993", true],
  ["span.attributes.big == 9007199254740992", false],
  ["5 / 2", 2.5],
  ["int(5 / 2) + 7 % 4 - -1", 6],
  ["-7 % 4", -3],
  ["int(span.attributes.digits) + 1", 43],
  ['double("1.5e1")', 15],
  // Texts.
  ['span.attributes.text.startsWith("a") && span.attributes.text.endsWith("c") && span.attributes.text.contains("b")', true],
  ["size(span.attributes.text) + '𝒳'.size()", 4],
  ['span.attributes.text.matches("b") && matches("x1", "^[a-z][0-9]$")', true],
  ['"\uFFFD" < "𝒳"', true],
  ['string(5) + string(2.5) + string(true)', "52.5true"],
  ['span.attributes.text in ["x", "abc"]', true],
  ['span.attributes.flag ? "yes" : "no"', "yes"],
  // Values of different types are known to differ, but not to be ordered.
  ['span.attributes.text == 5', false],
  ['span.attributes.text != 5', true],
  ["span.attributes.text < 5", undefined],
  // Unknown, and how && and || absorb it from either side.
  ["span.attributes.nope == 1", undefined],
  ["span.attributes.nope == 1 && false", false],
  ["false && span.attributes.nope == 1", false],
  ["span.attributes.nope == 1 && true", undefined],
  ["span.attributes.nope == 1 || true", true],
  ["span.attributes.nope == 1 || false", undefined],
  ["!(span.attributes.nope == 1)", undefined],
  ["span.attributes.nope == 1 ? 1 : 2", undefined],
  ["true ? 1 : span.attributes.nope", 1],
  ["span.attributes.list == 1", undefined],
  ["span.attributes.toString == 1", undefined],
  ['"constructor" in span.attributes', false],
  ["1 / 0", undefined],
  ["1.5 % 2", undefined],
  ['int("x")', undefined],
  ['double("0x10")', undefined],
])("%s is %s", (text, value) => {
  expect(evaluate(text)).toEqual(value);
});

test.each([
  ["span.name ==", 12, "not CEL"],
  ["foo == 1", 0, "unknown name `foo`"],
  ["span.nme == 'x'", 0, "no field `nme`"],
  ["span.attributes == 1", 0, "is a map"],
  ["span.attributes.shop.order.total > 1", 0, "an attribute has no fields"],
  ["span.attributes[span.name] == 1", 16, "must be a string literal"],
  ["span.attributes.tags.exists(t, t == 'x')", 0, "`exists` is not supported"],
  ['timestamp("2026-01-01T00:00:00Z") == 1', 0, "`timestamp` is not supported"],
  ["span.name == 5", 0, "compares a string with a number"],
  ["span.name < true", 12, "needs a number or a string"],
  ["span.name && true", 0, "`&&` needs a boolean"],
  ["span.duration_ms + span.name > 0", 0, "compares a number with a string"],
  ['span.name.matches("(")', 18, "not an RE2 pattern"],
  ['span.name.matches("(?=a)")', 18, "not an RE2 pattern"],
  ['span.name.matches("(?<=a)b")', 18, "not an RE2 pattern"],
  ["span.name.matches(span.kind)", 18, "must be a string literal"],
  ["span.name in []", 13, "the list is empty"],
  ["span.attributes.x == null", 21, "`null` is not supported"],
  ["{1: 2} == 1", 0, "is not supported"],
  ["99999999999999999999 > 1", 0, "does not fit"],
  ["span.duration_ms", 0, "gives a number, not a boolean"],
  [`span.name == "${"x".repeat(5000)}"`, 0, "longer than"],
  [Array.from({ length: 400 }, () => "true").join(" && "), undefined, "not CEL"],
  [`${"(".repeat(500)}true${")".repeat(500)}`, undefined, "not CEL"],
])("%s is refused with its place", (text, offset, message) => {
  let problem: unknown;
  try {
    parseCel(text, "bool");
  } catch (cause) {
    problem = cause;
  }
  expect(problem).toBeInstanceOf(CelProblem);
  const { message: said, offset: at, hint } = problem as CelProblem;
  expect(said).toContain(message);
  expect(hint).not.toBe("");
  if (offset !== undefined) expect(at).toBe(offset);
});

test("a pattern that ruins a backtracking engine takes no time", () => {
  const evaluate = compileEvaluate(parseCel('span.name.matches("^(a+)+$")', "bool"));
  const started = performance.now();
  expect(evaluate(spanOf({ name: `${"a".repeat(5000)}!` }))).toBe(false);
  expect(performance.now() - started).toBeLessThan(1000);
});
