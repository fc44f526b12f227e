import { type IsSecret, secretPath } from "./names.ts";
import { isLabel, REDACTED, scrubText, secretField } from "./scrub.ts";

/** Deepest object a redaction walks into; what lies deeper is replaced, because it was not looked at. */
const DEPTH_MAX = 32;

/** A copy of JSON data with the values of secret fields replaced, and whether any was. */
export function redactData(data: unknown, isSecret: IsSecret): { readonly data: unknown; readonly changed: boolean } {
  let changed = false;
  const walk = (value: unknown, depth: number): unknown => {
    if (typeof value === "string") {
      const clean = scrubText(value, isSecret);
      changed ||= clean !== value;
      return clean;
    }
    if (value === null || typeof value !== "object") return value;
    if (depth > DEPTH_MAX) {
      changed = true;
      return REDACTED;
    }
    if (Array.isArray(value)) return walkList(value, depth);
    const copy: Record<string, unknown> = {};
    const labelled = secretField((name) => (Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined), isSecret);
    for (const [name, item] of Object.entries(value)) {
      // Yes and no are no secrets, and a replay may depend on them.
      const secret = (name === labelled || isSecret(name)) && item !== null && item !== "" && typeof item !== "boolean";
      changed ||= secret;
      define(copy, name, secret ? REDACTED : walk(item, depth + 1));
    }
    return copy;
  };
  /** Of `["Authorization", "Bearer …"]` and longer lists of such pairs the second of each is taken for a value. */
  const walkList = (list: readonly unknown[], depth: number): unknown[] => list.map((item, index) => {
    const secret = typeof item === "string" && list.length % 2 === 0 && index % 2 === 1 && isLabel(list[index - 1], isSecret);
    changed ||= secret;
    return secret ? REDACTED : walk(item, depth + 1);
  });
  return { data: walk(data, 0), changed };
}

/** The text of a JSON body, redacted by field. Text that needs no redaction stays byte for byte what it was. */
export function redactJson(text: string, isSecret: IsSecret): string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return scrubText(redactBrokenJson(text, isSecret), isSecret);
  }
  const result = redactData(parsed, isSecret);
  return result.changed ? JSON.stringify(result.data) : text;
}

/** `a=1&token=x` → `a=1&token=%5Bredacted%5D`; order and spelling of the other pairs are kept. */
export function redactForm(text: string, isSecret: IsSecret): string {
  return text.split("&").map((pair) => {
    const at = pair.indexOf("=");
    if (at < 0) return pair;
    if (secretPath(decoded(pair.slice(0, at)), isSecret)) return `${pair.slice(0, at)}=${encodeURIComponent(REDACTED)}`;
    const value = decoded(pair.slice(at + 1));
    const clean = scrubText(value, isSecret);
    return clean === value ? pair : `${pair.slice(0, at)}=${encodeURIComponent(clean)}`;
  }).join("&");
}

/** A request's target or a whole address, its credentials and the values of secret query parameters replaced. */
export function redactTarget(target: string, isSecret: IsSecret): string {
  const at = target.indexOf("?");
  if (at < 0) return scrubText(target, isSecret);
  const end = target.indexOf("#", at);
  const query = target.slice(at + 1, end < 0 ? undefined : end);
  return `${scrubText(target.slice(0, at), isSecret)}?${redactForm(query, isSecret)}${end < 0 ? "" : scrubText(target.slice(end), isSecret)}`;
}

/** Header values as one text each, secrets replaced. */
export function redactHeaders(headers: Readonly<Record<string, string | readonly string[] | undefined>>, isSecret: IsSecret): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue;
    define(result, name.toLowerCase(), isSecret(name) ? REDACTED : redactHeader(name, typeof value === "string" ? value : value.join(", "), isSecret));
  }
  return result;
}

/** Sets an own property even where the name is `__proto__`, which an attacker may choose. */
function define(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
}

/** Some headers hold an address, and any may hold what is a secret by its form. */
function redactHeader(name: string, value: string, isSecret: IsSecret): string {
  return scrubText(/^(?:referer|location|origin|x-original-ur[il]|x-forwarded-ur[il]|x-rewrite-url)$/i.test(name) ? redactTarget(value, isSecret) : value, isSecret);
}

const STRING = /"(?:[^"\\]|\\[^])*"?/y;
const SCALAR = /[^\s,}\]]+/y;

/** Text that is meant to be JSON but is cut off or malformed: every `"name": value` of a secret name is replaced. */
function redactBrokenJson(text: string, isSecret: IsSecret): string {
  const names = /"((?:[^"\\]|\\.){1,128})"\s{0,64}:\s{0,64}/g;
  let result = "";
  let done = 0;
  for (let match = names.exec(text); match !== null; match = names.exec(text)) {
    if (!isSecret(unescaped(match[1] ?? ""))) continue;
    const end = valueEnd(text, names.lastIndex);
    result += `${text.slice(done, names.lastIndex)}"${REDACTED}"`;
    done = end;
    names.lastIndex = end;
  }
  return result + text.slice(done);
}

/** Where the value that begins here ends: a string, a list or object with all in it, or a bare word. */
function valueEnd(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    const sign = text[at] ?? "";
    if ("[{".includes(sign)) depth += 1;
    else if ("]}".includes(sign)) depth -= 1;
    else if (sign === '"') at = endOf(STRING, text, at) - 1;
    else if (depth === 0) return endOf(SCALAR, text, at);
    if (depth <= 0) return depth < 0 ? at : at + 1;
  }
  return text.length;
}

function endOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return at + (pattern.exec(text)?.[0].length ?? 0);
}

/** An escaped letter is still the same name: `pass\\u0077ord`. */
function unescaped(name: string): string {
  try {
    return String(JSON.parse(`"${name}"`));
  } catch {
    return name;
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}
