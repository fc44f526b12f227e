/**
 * OTEL_RESOURCE_ATTRIBUTES, as OpenTelemetry's resource specification has it:
 *   list = [ pair *( "," pair ) ];  pair = OWS key OWS "=" OWS value OWS
 * `,` and `=` in keys and values must be percent-encoded, other characters may be. Whatever is wrong in one pair makes an
 * SDK discard all of them, so nothing is written that any SDK could refuse.
 */
export type Attributes = ReadonlyMap<string, string>;

/** Longer values make the SDK for JavaScript discard the whole list. */
export const VALUE_CHARS_MAX = 255;
/** What is read of a variable that somebody set. */
const LIST_CHARS_MAX = 16 * 1024;
/** Of what is no pair so many are named, with so many of their characters. */
const BROKEN_SHOWN = 5;
const BROKEN_CHARS = 60;
/**
 * Left as they are: what addresses and versions are made of, so that SDKs that decode nothing (older ones, and some of
 * today) still read them right, and what no shell, YAML or environment file gives a meaning. Not `+`: some read it as a
 * space; not `~`: a shell replaces it.
 */
const PLAIN = /[^A-Za-z0-9._:/@-]/gu;

export function encodeAttributes(attributes: Attributes): string {
  return [...attributes].map(([key, value]) => `${encode(key)}=${encode(value)}`).join(",");
}

/** Reads such a list as leniently as the most lenient SDK: what cannot be decoded counts as it stands. */
export function parseAttributes(text: string): Map<string, string> {
  return new Map(pairsOf(text).flatMap((pair) => {
    const attribute = attributeOf(pair);
    return attribute === null ? [] : [attribute];
  }));
}

/** What of such a list is not read, a sentence each. An empty pair, as a comma at the end leaves it, says nothing and loses nothing. */
export function unreadPairs(text: string): string[] {
  const broken = pairsOf(text).filter((pair) => pair.trim() !== "" && attributeOf(pair) === null);
  return [
    ...broken.slice(0, BROKEN_SHOWN).map((pair) => `OTEL_RESOURCE_ATTRIBUTES: ${shown(pair.trim())} is no key=value and is left out`),
    ...(broken.length > BROKEN_SHOWN ? [`OTEL_RESOURCE_ATTRIBUTES: ${broken.length - BROKEN_SHOWN} more pairs are no key=value and are left out`] : []),
    ...(text.length > LIST_CHARS_MAX ? [`OTEL_RESOURCE_ATTRIBUTES has ${text.length} characters: what stands behind the first ${LIST_CHARS_MAX} is left out`] : []),
  ];
}

/** Whether an SDK takes this value: no control characters, and not too long. */
export function isSendable(value: string): boolean {
  return value !== "" && value.length <= VALUE_CHARS_MAX && !/\p{Cc}/u.test(value) && value.isWellFormed();
}

/** Of a list that is too long whole pairs only: half a value would be another one. */
function pairsOf(text: string): readonly string[] {
  const read = text.length <= LIST_CHARS_MAX ? text : text.slice(0, Math.max(0, text.lastIndexOf(",", LIST_CHARS_MAX)));
  return read.split(",");
}

function attributeOf(pair: string): [key: string, value: string] | null {
  const at = pair.indexOf("=");
  const key = at < 1 ? "" : decode(pair.slice(0, at).trim());
  return key === "" ? null : [key, decode(pair.slice(at + 1).trim())];
}

function shown(text: string): string {
  return JSON.stringify(text.length > BROKEN_CHARS ? `${text.slice(0, BROKEN_CHARS)}…` : text);
}

function encode(text: string): string {
  return text.replace(PLAIN, (sign) => [...Buffer.from(sign, "utf8")].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join(""));
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
