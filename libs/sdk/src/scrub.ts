import { type IsSecret, secretPath } from "./names.ts";

/** What stands in place of a secret. A replay sends it as it is, so an application sees a wrong but harmless value. */
export const REDACTED = "[redacted]";

/** Longest text that is looked at. What follows is left out, because it was not looked at. */
const TEXT_MAX = 64 * 1024;

const SCHEMES = new Set(["basic", "bearer", "digest", "negotiate"]);
const CREDENTIALS = /(?<![\w-])(Basic|Bearer|Digest|Negotiate)([ \t]{1,8}|%20|\+)([\w.~+/=:-]+)/gi;
/** `postgres://user:password@host`; a text may be cut off before the `@`, but what ends in digits is a port. */
const USERINFO = /(:\/\/[^\s/?#@:"'<>]{0,256}):(?!\d{0,5}$)([^\s/?#@"'<>]{1,512})(@|$)/g;
/** JSON Web Tokens, and keys that say by their beginning what they are. */
const TOKENS = /(?<![\w-])(?:eyJ[\w-]{5,}\.[\w-]{5,}(?:\.[\w-]*){0,3}|(?:sk_live_|sk_test_|rk_live_|gh[pousr]_|github_pat_|glpat-|xox[abprs]-|AKIA)[\w-]{8,})/g;
const PRIVATE_KEY = /-----BEGIN [A-Z ]{0,32}PRIVATE KEY-----[^-]*/g;
const ELEMENT = /(<([\w:.-]{1,128})(?:\s[^<>]{0,512})?>\s{0,64}(?:<!\[CDATA\[)?)((?!\s|\[redacted)(?:[^<\]]|\](?!\]>))+)/g;
/** `{"name":"Authorization","value":"…"}` in a text that is no JSON as a whole. */
const LABELLED = /("(?:name|key|header|field)"\s{0,8}:\s{0,8}"([\w.-]{1,128})"\s{0,8},\s{0,8}"(?:value|val|content)"\s{0,8}:\s{0,8}")((?:[^"\\]|\\.)+)/g;
/** The line of a header in a text. */
const HEADER = /^([ \t]*(?:authorization|proxy-authorization|cookie|set-cookie|x-api-key):[ \t]*)(\S.*)$/gim;
/** A name and what separates it from its value: `name=`, `name: `, `"name":`, `\"name\":`. */
const NAME = /(?<![\w.$%[\]-])((?:\\{0,7}["'])?)([\w$%][\w.$%[\]-]{0,127})\1([ \t]{0,4}(?:=(?![=>])|:)\s{0,4})/g;
/** A value without quotes ends at a space or a mark of its surroundings; `,` and `;` only where another pair follows. */
const BARE = /(?:[^\s&"'<>\\;,)\]}]|[;,)\]}](?![\w.$-]{0,64}=|[\s;,)\]}&"'<>\\]|$))+/y;
/** Names whose value is taken for a secret even in `name: value` without quotes, which prose and code have too. */
const STRONG = /passw(?:or)?d|passphrase|passcode|secret|api[-_]?key|private[-_]?key/i;
/** A variable, type, call or constant of a query or source text, which is no secret, and whose loss would change it. */
const CODE = /^(?:\$|\[?[A-Z][A-Za-z]*!?\]?[!,]?$|true$|false$|null$|undefined$|\[redacted|%5Bredacted|.*[({]$)/;

/**
 * A text without the secrets that can be told by their form or by a name before them. Only values change: what stands
 * around them stays as it was. Every expression is linear or bounded in what it looks at.
 */
export function scrubText(text: string, isSecret: IsSecret): string {
  if (text.length < 4) return text;
  return scrubPairs(text.slice(0, TEXT_MAX), isSecret)
    .replace(HEADER, (_whole, name: string) => `${name}${REDACTED}`)
    .replace(LABELLED, (whole: string, before: string, name: string) => (isLabel(name, isSecret) ? `${before}${REDACTED}` : whole))
    .replace(CREDENTIALS, (whole: string, scheme: string, space: string, value: string, at: number, all: string) =>
      // "Bearer token missing" is prose; a header's value is all there is.
      /^[a-z]+$/.test(value) && whole.length < all.length ? whole : basicProse(scheme, value, whole.length === all.length) ? whole : `${scheme}${space}${REDACTED}`)
    .replace(USERINFO, (whole: string, user: string, _password: string, end: string) => (whole.includes("[redacted") ? whole : `${user}:redacted${end}`))
    .replace(TOKENS, REDACTED)
    .replace(PRIVATE_KEY, REDACTED)
    .replace(ELEMENT, (whole: string, before: string, name: string) => (isSecret(name.slice(name.indexOf(":") + 1)) ? `${before}${REDACTED}` : whole));
}

/** The field of `{name: "Authorization", value: …}` whose value is a secret, by its neighbour. */
export function secretField(valueOf: (name: string) => unknown, isSecret: IsSecret): string | null {
  const labelled = ["name", "key", "header", "field"].some((name) => isLabel(valueOf(name), isSecret));
  return labelled ? (["value", "val", "content"].find((name) => valueOf(name) !== undefined) ?? null) : null;
}

/** Tells whether what follows this element of a list of pairs is a secret: the name of one, or a scheme of credentials. */
export function isLabel(value: unknown, isSecret: IsSecret): boolean {
  return typeof value === "string" && value.length <= 128 && (SCHEMES.has(value.toLowerCase()) || (/^[\w.-]+$/.test(value) && isSecret(value)));
}

function scrubPairs(text: string, isSecret: IsSecret): string {
  let result = "";
  let done = 0;
  NAME.lastIndex = 0;
  for (let match = NAME.exec(text); match !== null; match = NAME.exec(text)) {
    const [, quote = "", name = "", separator = ""] = match;
    const from = NAME.lastIndex;
    if (name.startsWith("$") && separator.startsWith(":") || !secretPath(plainName(name), isSecret)) continue;
    const value = valueAt(text, from, quote, name, separator);
    if (value === null) continue;
    result += text.slice(done, value.from) + value.text;
    done = value.to;
    NAME.lastIndex = done;
  }
  return result + text.slice(done);
}

function valueAt(text: string, at: number, quote: string, name: string, separator: string): { from: number; to: number; text: string } | null {
  const open = /^\\{0,7}["']/.exec(text.slice(at, at + 8))?.[0];
  if (open !== undefined) {
    const from = at + open.length;
    const to = closing(text, from, open);
    return text.startsWith("[redacted", from) || from === to ? null : { from, to, text: REDACTED };
  }
  BARE.lastIndex = at;
  const bare = BARE.exec(text)?.[0];
  if (bare === undefined || CODE.test(bare)) return null;
  if (quote !== "") {
    // A list or an object under a name is walked into where it is JSON.
    return /^[[{]/.test(bare) ? null : { from: at, to: at + bare.length, text: `${quote}${REDACTED}${quote}` };
  }
  if (separator.includes(":") && (!/\s$/.test(separator) || !STRONG.test(name) || /^[({[]/.test(text.slice(at + bare.length)))) return null;
  return { from: at, to: at + bare.length, text: REDACTED };
}

/** Where the quoted text that begins at `from` ends: at the same quote, unescaped, or at the end of a text cut off. */
function closing(text: string, from: number, open: string): number {
  if (open.length > 1) {
    const to = text.indexOf(open, from);
    return to < 0 ? text.length : to;
  }
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === open) return at;
  }
  return text.length;
}

/** "Basic authentication" is prose: what is no `user:password` in base64 is left alone within a longer text. */
function basicProse(scheme: string, value: string, whole: boolean): boolean {
  return scheme.toLowerCase() !== "bearer" && !whole && !Buffer.from(value, "base64").toString("latin1").includes(":") && !/[\d=+/]/.test(value);
}

function plainName(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
