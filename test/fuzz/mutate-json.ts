import type { Random } from "../random.ts";

/** Values that JSON may hold where OTLP says otherwise. */
const ODD: readonly unknown[] = [null, true, false, 0, -1, 1.5, 1e308, 2 ** 53, "", "NaN", "Infinity", "0x10", "99999999999999999999", "-1", "AAAA", "\ud800", "\u0000", [], {}, [[]], [{}], { stringValue: 1 }, { intValue: "x" }, { stringValue: "a", intValue: 1 }, { kvlistValue: { values: [{ key: "a" }] } }, { arrayValue: {} }];
const KEYS = ["traceId", "spanId", "trace_id", "startTimeUnixNano", "name", "attributes", "value", "resource", "resourceSpans", "resourceLogs", "scopeSpans", "__proto__", "constructor", "unknown", "jsonValue", "flags"];
const NESTED_DEPTHS = [3, 17, 200];
/** What a parser that calls itself may not survive. */
const NESTED_TEXT_DEPTHS = [400, 20_000];

interface Place {
  readonly holder: Record<string, unknown> | unknown[];
  readonly key: string | number;
}

/** Changes a copy of the message; the text of it then. */
export function mutateJson(json: unknown, random: Random): { readonly text: Uint8Array; readonly names: string[] } {
  const copy: unknown = structuredClone(json);
  const names: string[] = [];
  for (let count = random.below(3); count > 0; count--) names.push(change(copy, random));
  let text: Uint8Array = Buffer.from(JSON.stringify(copy));
  if (random.below(5) === 0) {
    const broken = breakText(text, random);
    text = broken.text;
    names.push(broken.name);
  }
  return { text, names };
}

function change(root: unknown, random: Random): string {
  const places = placesOf(root);
  if (places.length === 0) return "nothing";
  const { holder, key } = random.pick(places);
  const at = holder as Record<string | number, unknown>;
  switch (random.below(7)) {
    case 0:
      at[key] = structuredClone(random.pick(ODD));
      return "oddValue";
    case 1:
      if (Array.isArray(holder)) holder.splice(Number(key), 1);
      else Reflect.deleteProperty(holder, key);
      return "drop";
    case 2:
      if (Array.isArray(holder)) holder.push(structuredClone(at[key]));
      else setOwn(holder, random.pick(KEYS), at[key]);
      return "rename";
    case 3: {
      let nested: unknown = { stringValue: "deep" };
      for (let depth = random.pick(NESTED_DEPTHS); depth > 0; depth--) nested = depth % 2 === 0 ? { arrayValue: { values: [nested] } } : { kvlistValue: { values: [{ key: "k", value: nested }] } };
      at[key] = nested;
      return "deep";
    }
    case 4:
      at[key] = random.pick(places).holder === root ? 7 : structuredClone(random.pick(places.map((one) => (one.holder as Record<string | number, unknown>)[one.key]).slice(0, 50)));
      return "other";
    case 5:
      at[key] = typeof at[key] === "string" ? at[key].toUpperCase() : String(at[key]);
      return "spelling";
    default: {
      const digits = at[key];
      if (typeof digits === "string" && /^\d+$/.test(digits)) at[key] = Number(digits);
      return "asNumber";
    }
  }
}

/** Own properties also where the name is __proto__, as JSON.parse makes them. */
function setOwn(holder: object, key: string, value: unknown): void {
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
}

function placesOf(root: unknown): Place[] {
  const places: Place[] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    const holder = node as Record<string, unknown> | unknown[];
    for (const [key, value] of Object.entries(holder)) {
      places.push({ holder, key: Array.isArray(holder) ? Number(key) : key });
      visit(value);
    }
  };
  visit(root);
  return places;
}

function breakText(text: Uint8Array, random: Random): { readonly text: Uint8Array; readonly name: string } {
  const at = random.below(text.length + 1);
  const insert = (piece: string | Uint8Array): Uint8Array => Buffer.concat([text.subarray(0, at), Buffer.from(piece), text.subarray(at)]);
  switch (random.below(9)) {
    case 0:
      return { text: text.subarray(0, at), name: "truncated" };
    case 1:
      return { text: insert(Uint8Array.of(random.pick([0xff, 0xc0, 0xed, 0x80]))), name: "badUtf8" };
    case 2:
      return { text: insert(random.pick([",", "]", "}", "{", "[", '"', "\\", ":", "\0", "NaN", "1e999", "-"])), name: "sign" };
    case 3:
      return { text: Buffer.concat([Uint8Array.of(0xef, 0xbb, 0xbf), text]), name: "bom" };
    case 4:
      return { text: Buffer.from(Buffer.from(text).toString("utf8"), "utf16le"), name: "utf16" };
    case 5:
      return { text: Buffer.concat([text, text]), name: "twice" };
    case 6:
      return { text: Buffer.from("[".repeat(random.pick([100, 20_000]))), name: "brackets" };
    case 7: {
      const depth = random.pick(NESTED_TEXT_DEPTHS);
      return { text: Buffer.from(`{"resourceSpans":[{"resource":{"attributes":[{"key":"k","value":${'{"arrayValue":{"values":['.repeat(depth)}${"]}}".repeat(depth)}}]}}]}`), name: "deepText" };
    }
    default: {
      const out = Uint8Array.from(text);
      if (out.length > 0) out[at % out.length] = random.below(256);
      return { text: out, name: "flipped" };
    }
  }
}
