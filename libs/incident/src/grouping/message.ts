/**
 * Values in a message, replaced in this order (the order matters: a UUID holds integers, a URL holds a host name).
 * Every pattern is linear: messages come from strangers.
 */
const PLACEHOLDERS: readonly (readonly [name: string, pattern: RegExp])[] = [
  ["email", /[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}/g],
  ["url", /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s"'<>)\]}]{1,2000}/gi],
  ["hostname", /\b(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,8}(?:com|net|org|io|dev|local|internal|svc|cloud|app|eu|de|uk|test|example)(?::\d{1,5})?\b/gi],
  ["ip", /\b\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?\b|(?<![\w:])(?:[0-9a-f]{1,4}:){3,7}[0-9a-f]{1,4}(?![\w:])|::1\b/gi],
  ["traceparent", /\b00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}\b/gi],
  ["uuid", /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi],
  ["sha1", /\b[0-9a-f]{40}\b/gi],
  ["md5", /\b[0-9a-f]{32}\b/gi],
  ["date", /\b\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?|\b\d{1,2}:\d{2}:\d{2}(?:\.\d{1,9})?\b/g],
  ["duration", /\b\d{1,12}(?:\.\d{1,9})?\s?(?:ns|us|µs|ms|seconds|second|secs|sec|minutes|minute|mins|min|hours|hour|days|day|s|m|h|d)\b/g],
  ["hex", /\b0x[0-9a-f]{1,64}\b/gi],
  ["git_sha", /\b(?=[0-9a-f]{0,39}[a-f])(?=[0-9a-f]{0,39}\d)[0-9a-f]{7,40}\b/g],
  ["float", /(?<![\w.])[-+]?\d{1,30}\.\d{1,30}(?:e[-+]?\d{1,4})?\b/gi],
  ["int", /(?<![A-Za-z])[-+]?\d{1,40}(?![A-Za-z]{2})/g],
  ["quoted", /"[^"\n]{0,500}"|(?<!\w)'[^'\n]{0,500}'(?!\w)|`[^`\n]{0,500}`/g],
  ["bool", /\b(?:true|false|True|False)\b/g],
];

const MESSAGE_CHARS_MAX = 2000;

/** The message with its values replaced by what they are: `order 17 of a@b.c` → `order <int> of <email>`. */
export function normaliseMessage(text: string): string {
  let message = text.slice(0, MESSAGE_CHARS_MAX).replace(/\s+/g, " ").trim();
  for (const [name, pattern] of PLACEHOLDERS) message = message.replace(pattern, `<${name}>`);
  return message;
}

/**
 * What the runtime itself says was wrong, with the names it took from the code: `reading 'total'` and `reading 'items'`
 * in one function are two problems. Names that look like data (digits, all capitals) are left out. "" for messages
 * that the application wrote: those hold anything.
 */
export function engineReason(type: string, message: string): string {
  const line = asV8((message.split("\n", 1)[0] ?? "").slice(0, 300));
  // The port tells which dependency is away; a high one was given out by chance.
  const refused = /^connect (E[A-Z]{3,20}) \S{1,200}:(\d{2,5})$/.exec(line);
  if (refused !== null) return [type, refused[1], Number(refused[2]) < EPHEMERAL_PORT ? refused[2] : ""].join(" ");
  const key = missingKey(type, line.trim());
  if (key !== "") return `${type} key ${key}`;
  for (const pattern of ENGINE) {
    const match = pattern.exec(line);
    if (match !== null) return [type, ...match.slice(1).map((name) => codeName(name ?? ""))].join(" ");
  }
  return "";
}

/** One problem in three browsers is one problem. */
function asV8(line: string): string {
  const firefox = /^can't access property "([^"]{1,100})", .{1,200} is (undefined|null)$/.exec(line);
  if (firefox !== null) return `Cannot read properties of ${firefox[2]} (reading '${firefox[1]}')`;
  const safari = /^(undefined|null) is not an object \(evaluating '(?:[^']{0,200}\.)?([\w$]{1,100})'\)$/.exec(line);
  return safari === null ? line : `Cannot read properties of ${safari[1]} (reading '${safari[2]}')`;
}

const EPHEMERAL_PORT = 32_768;

/**
 * How a message that the application wrote begins, as far as it is text of the program and not data: up to the first
 * value, colon, bracket, quote or name (a capitalised word that is not the first). "" where it begins with one of them.
 * It is of the message, not of the source line: a fix that leaves the message alone leaves the group alone.
 */
export function leadPhrase(text: string): string {
  const line = normaliseMessage(text.trimStart().split("\n", 1)[0] ?? "");
  const until = line.slice(0, LEAD_CHARS_MAX).search(/[<>:()[\]{}"`“”„‘«»]|(?<![\p{L}\p{N}])['’]/u);
  const words: string[] = [];
  const head = until < 0 ? line.slice(0, LEAD_CHARS_MAX) : line.slice(0, until);
  // What a value hangs on is part of it: `cart-<int>`.
  for (const word of (line[until] === "<" ? head.slice(0, head.lastIndexOf(" ") + 1) : head).split(" ")) {
    const plain = word.replace(/[.,;!?…]+$/, "");
    if (words.length >= LEAD_WORDS_MAX || (words.length > 0 && /^\p{Lu}/u.test(word)) || /[\p{N}=/@\\]/u.test(word)) break;
    if (plain !== "") words.push(plain);
  }
  return words.join(" ");
}

const LEAD_WORDS_MAX = 8;
const LEAD_CHARS_MAX = 300;

/** The key that was not there, where it reads like a name in the code: others are data. */
function missingKey(type: string, line: string): string {
  const python = /(?:^|\.)KeyError$/.test(type) ? /^'([A-Za-z_]{1,40})'$/.exec(line) : null;
  return (python ?? KEY.exec(line))?.slice(1).find((key) => key !== undefined) ?? "";
}

/** Ruby, .NET, PHP */
const KEY = /^(?:key not found: :?"?([A-Za-z_]{1,40})"?|The given key '([A-Za-z_]{1,40})' was not present in the dictionary\.?|Undefined (?:array key|index:) "?([A-Za-z_]{1,40})"?)$/;

const ENGINE: readonly RegExp[] = [
  /^Cannot (read|set) propert(?:y|ies) of (undefined|null)(?: \((?:reading|setting) '([^']{0,100})'\))?/,
  /^([\w$.()[\]?'"]{1,120}) is not (?:a function|iterable|a constructor)/,
  /^([\w$]{1,100}) is not defined$/,
  /^Cannot access '([\w$]{1,100})' before initialization/,
  /^Assignment to (constant) variable/,
  /^Cannot destructure property '([\w$]{1,100})' of /,
  /^'?([\w.]{1,100})'? object (?:has no attribute '(\w{1,100})'|is not (subscriptable|callable|iterable))/,
  /^(?:type object|module) '([\w.]{1,100})' has no attribute '(\w{1,100})'/,
  /^(?:No module named|cannot import name) '([\w.]{1,100})'/,
  /^name '(\w{1,100})' is not defined/,
  /^(?:cannot access )?local variable '(\w{1,100})' (?:where it is not|referenced before)/,
  /^unsupported operand type\(s\) for (\S{1,10}): '(\w{1,60})' and '(\w{1,60})'/,
  // Java, since 14
  /^Cannot (invoke|read field|assign field|load from|store to|read the array length)(?: "([^"]{1,200})")?/,
  // Go
  /^(?:runtime error: )?(index out of range|slice bounds out of range|invalid memory address|integer divide by zero|hash of unhashable|assignment to entry in nil map|interface conversion|close of \w{1,10} channel|send on closed channel)/,
  // Ruby
  /^undefined (?:local variable or )?method [`']([\w?!=[\]+*<>-]{1,100})' for (nil)?/,
  // PHP
  /^Call to (?:a member function|undefined (?:method|function)) ([\w\\:]{1,200})\(\)(?: on (\w{1,20}))?/,
  /^(?:Attempt to read property "(\w{1,100})" on|Undefined (?:variable|property)[: ]+\$?([\w\\:$]{1,100}))/,
  /^(\w{1,100})\(\) (?:missing|takes|got an unexpected)/,
];

function codeName(name: string): string {
  return /\d/.test(name) || (name.length > 1 && name === name.toUpperCase() && /[A-Z]/.test(name)) ? "<name>" : name;
}
