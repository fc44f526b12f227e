import fc from "fast-check";
import { KEYS, TEXTS } from "./engine.fixture.ts";

/** For tests: random CEL texts of the supported part, most of them well typed, over the attributes of random spans. */
type Make = (depth: number) => fc.Arbitrary<string>;

const quoted = (text: string): string => JSON.stringify(text.replaceAll("\u2028", ""));

const attribute = fc.tuple(fc.constantFrom("attributes", "attributes", "attributes", "resource"), fc.constantFrom(...KEYS)).map(([scope, key]) => `span.${scope}[${quoted(key)}]`);
const presence = fc.oneof(attribute.map((access) => `has(${access})`), fc.constantFrom(...KEYS).map((key) => `${quoted(key)} in span.attributes`));
const text = fc.oneof(fc.constantFrom(...TEXTS), fc.string({ unit: "grapheme", maxLength: 3 }).map((made) => made.toWellFormed())).map(quoted);
const number = fc.oneof(
  fc.constantFrom("0", "0.0", "1", "-1", "2", "5", "-20", "0.1", "7.5", "1e21", "9007199254740993", "9223372036854775807", "3u", "0x10"),
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => Math.abs(value) < 1e300).map((value) => (value < 0 ? `(${String(value)})` : String(value))),
);
const pattern = fc.constantFrom('"^a"', '"b$"', '"^[0-9]+$"', '"a.b"', '"(?i)POST"', '"^.$"', '"\\\\d+\\\\.\\\\d"', '"^(a+)+$"', '"[\'\\\\\\\\]"');

const any: Make = (depth) => fc.oneof({ weight: 3, arbitrary: attribute }, { weight: 1, arbitrary: numberText(depth) }, { weight: 1, arbitrary: stringText(depth) }, ...(depth > 0 ? [choice(depth - 1)] : []));

const choice: Make = (depth) => fc.tuple(booleanText(depth), any(depth), any(depth)).map(([condition, yes, no]) => `(${condition} ? ${yes} : ${no})`);

export const numberText: Make = (depth) => {
  const leaf = fc.oneof(number, attribute, fc.constant("span.duration_ms"));
  if (depth <= 0) return leaf;
  const next = numberText(depth - 1);
  return fc.oneof(
    leaf,
    fc.tuple(next, fc.constantFrom("+", "-", "*", "/", "%"), next).map(([left, operator, right]) => `(${left} ${operator} ${right})`),
    next.map((of) => `-(${of})`),
    fc.tuple(fc.constantFrom("int", "double"), fc.oneof(next, stringText(depth - 1))).map(([to, of]) => `${to}(${of})`),
    stringText(depth - 1).map((of) => `size(${of})`),
    fc.tuple(booleanText(depth - 1), next, next).map(([condition, yes, no]) => `(${condition} ? ${yes} : ${no})`),
  );
};

export const stringText: Make = (depth) => {
  const leaf = fc.oneof(text, attribute, fc.constantFrom("span.name", "span.kind", "span.status", "span.service", "span.environment"));
  if (depth <= 0) return leaf;
  return fc.oneof(
    leaf,
    fc.tuple(stringText(depth - 1), stringText(depth - 1)).map(([left, right]) => `(${left} + ${right})`),
    any(depth - 1).map((of) => `string(${of})`),
  );
};

export const booleanText: Make = (depth) => {
  if (depth <= 0) return fc.oneof(presence, attribute, fc.constantFrom("true", "false", 'span.name == "POST /checkout"', 'span.status == "error"', 'span.kind != "server"'));
  const next = booleanText(depth - 1);
  const comparison = fc.constantFrom("==", "!=", "<", "<=", ">", ">=");
  return fc.oneof(
    next,
    fc.tuple(next, fc.constantFrom("&&", "||"), next).map(([left, operator, right]) => `(${left} ${operator} ${right})`),
    next.map((of) => `!(${of})`),
    fc.tuple(numberText(depth - 1), comparison, numberText(depth - 1)).map((parts) => parts.join(" ")),
    fc.tuple(stringText(depth - 1), comparison, stringText(depth - 1)).map((parts) => parts.join(" ")),
    fc.tuple(any(depth - 1), fc.constantFrom("==", "!="), any(depth - 1)).map((parts) => parts.join(" ")),
    fc.tuple(any(depth - 1), fc.array(any(0), { minLength: 1, maxLength: 3 })).map(([item, list]) => `${item} in [${list.join(", ")}]`),
    fc.tuple(stringText(depth - 1), fc.constantFrom("startsWith", "endsWith", "contains"), stringText(0)).map(([of, name, argument]) => `${of}.${name}(${argument})`),
    fc.tuple(stringText(depth - 1), pattern).map(([of, made]) => `${of}.matches(${made})`),
  );
};

/** Expressions of every type. */
export const anyText: Make = (depth) => fc.oneof(booleanText(depth), numberText(depth), stringText(depth), choice(depth));
