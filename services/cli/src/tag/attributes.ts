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
  const found = new Map<string, string>();
  for (const pair of text.slice(0, LIST_CHARS_MAX).split(",")) {
    const at = pair.indexOf("=");
    if (at < 1) continue;
    const key = decode(pair.slice(0, at).trim());
    if (key !== "") found.set(key, decode(pair.slice(at + 1).trim()));
  }
  return found;
}

/** Whether an SDK takes this value: no control characters, and not too long. */
export function isSendable(value: string): boolean {
  return value !== "" && value.length <= VALUE_CHARS_MAX && !/\p{Cc}/u.test(value) && value.isWellFormed();
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
