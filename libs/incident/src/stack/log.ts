import { LIMITS } from "@firstfix/kit";
import { parseError } from "./error.ts";
import { textsIn } from "./log-json.ts";

const LINES_MAX = 400_000;
const LINE_CHARS_MAX = 100_000;
/** Fields before a message: a time, a host, a process, a level, a thread, one after the other. */
const FIELDS_MAX = 6;
/** A message of several lines stands before the first frame. */
const HEADER_LINES_MAX = 20;
const STACK_LINES_MAX = 5_000;
/** Places of one text that look like a stack, and of all texts within a log. */
const TRIES_MAX = 40;
const READS_MAX = 1_000;

const TIME = String.raw`\d\d:\d\d:\d\d(?:[.,]\d{1,9})?`;
const ISO = String.raw`\d{4}-\d\d-\d\d[T ]${TIME}(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?`;
/** What containers, their runtimes and loggers write before each line. One space behind it is theirs; more is the stack's. */
const FIELDS: readonly RegExp[] = [
  // docker compose: "shop-1  | "
  /^[\w.-]{1,100} {1,40}\| ?/,
  // kubectl logs --prefix: "[pod/shop-5d/app] "
  /^\[pod\/[^\]\n]{1,200}\] ?/,
  // CRI, behind its time: "stdout F "
  /^std(?:out|err) [FP] ?/,
  new RegExp(`^\\[?${ISO}\\]? ?`),
  new RegExp(`^\\[?${TIME}\\]? ?`),
  // RFC 3164, as syslog and journalctl print it: "Nov 23 05:00:00 host app[12]: "
  new RegExp(`^(?:<\\d{1,3}>)?[A-Z][a-z]{2} [ \\d]\\d ${TIME} [\\w.-]{1,200} [^\\s:[]{1,100}(?:\\[\\d{1,9}\\])?: ?`),
  // The same with a time of ISO before it.
  /^[\w.-]{1,200} [^\s:[]{1,100}\[\d{1,9}\]: ?/,
  // klog: "E1123 05:00:00.000000       1 main.go:12] "
  new RegExp(`^[IWEF]\\d{4} ${TIME} {1,9}\\d{1,9} [\\w.-]{1,100}:\\d{1,9}\\] ?`),
  /^(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|ERR|FATAL|CRITICAL|SEVERE)(?: {1,6}|: ?| \| ?)/,
  /^\[[^\]\n]{1,80}\]:? ?/,
  // logfmt: `level=error err="`
  /^(?:[\w.]{1,60}=[^\s"]{0,200} )*[\w.]{1,60}="/,
  /^(?:- |\| ?)/,
];
// oxlint-disable-next-line no-control-regex -- the escape sequences of terminals begin with one
const ANSI = /\u001b\[[\d;:?]{0,40}[A-Za-z]/g;
/** How a line of a stack begins, in any of the languages that are read. */
const FRAME = /^\s*(?:at\s+\S|File "|from \S+:\d|#\d+\s|(?:async )?\S{0,200}@\S+:\d+:\d+$)|^Traceback \(most recent|^goroutine \d+ \[|^thread '[^']{0,200}' .{0,30}panicked at |^\S{1,1000}\.rb:\d+:in [`']/;
const HEADER = /^(?:Uncaught |Unhandled exception\. |Exception in thread |PHP )?[\w$.\\:]{0,200}(?:Error|Exception|Fault|Failure|Throwable|Panic|Warning|Interrupt|panic|fatal error|error)\b|^thread '[^']{0,200}' .{0,30}panicked at /;

/**
 * The part of a log that holds an error with its stack, as the runtime printed it: without colours, without what containers
 * and loggers write before each line, out of the JSON or the one line that a logger made of it. A text that begins with an
 * error is given back as it is. Of several errors it is the first that has frames. Null where nothing in it has any. No more
 * than LIMITS.stackBytes characters; never throws.
 */
export function findStack(text: string): string | null {
  const reader = new Reader();
  const begin = text.slice(0, LIMITS.stackBytes);
  const plain = text.replaceAll("\r\n", "\n").replace(ANSI, "");
  const lines = plain.split("\n", LINES_MAX).map((line) => line.slice(0, LINE_CHARS_MAX));
  const [raw, sought] = [reader.read(begin), reader.withAndWithoutFields(lines)];
  // Where something stands before it, a line such as "Server: started" would pass for the error's own.
  let found = best(beginsWithError(lines) ? [raw, ...sought] : [...sought.filter((one) => HEADER.test(one.text)), raw, ...sought]);
  if (found.good < GOOD) {
    for (const inside of textsIn(plain, lines, withoutFields).flatMap((one) => [one, unescaped(one)])) {
      if (found.good === GOOD || reader.tired) break;
      found = best([found, ...reader.withAndWithoutFields(inside.split("\n", LINES_MAX))]);
    }
  }
  return found.good === NOTHING ? null : found.text;
}

interface Read {
  readonly text: string;
  readonly good: number;
  readonly frames: number;
}

const NOTHING = 0;
/** Frames, but nothing that says what was raised, or such as begin with what a log wrote before them. */
const FRAMES = 1;
const GOOD = 2;

/** The first of the best; where a log wrote something before a frame, the other form has one more. */
function best(all: readonly Read[]): Read {
  return all.reduce((one, other) => (other.good > one.good || (other.good === one.good && other.frames > one.frames) ? other : one), { text: "", good: NOTHING, frames: 0 });
}

/** Tries texts, and not without end: a log may have a thousand lines that look like frames and are none. */
class Reader {
  #left = READS_MAX;

  get tired(): boolean {
    return this.#left <= 0;
  }

  read(text: string): Read {
    this.#left -= 1;
    const { type, frames } = parseError(text);
    const good = frames.length === 0 ? NOTHING : type === "" || frames.some(({ file }) => withoutFields(file) !== file) ? FRAMES : GOOD;
    return { text, good, frames: frames.length };
  }

  withAndWithoutFields(lines: readonly string[]): Read[] {
    return [this.#sought(lines), this.#sought(lines.map(withoutFields))];
  }

  /** From the header before the first line that looks like a frame; nothing where no frame is read there. */
  #sought(lines: readonly string[]): Read {
    for (let tried = 0, at = nextFrame(lines, 0); at >= 0 && tried < TRIES_MAX && !this.tired; tried += 1, at = nextFrame(lines, at + HEADER_LINES_MAX)) {
      const before = lines.slice(Math.max(0, at - HEADER_LINES_MAX), at);
      const header = before.findLastIndex((line) => HEADER.test(line));
      const above = /^(?:Stack trace:|\[stacktrace\])/.test(lines[at - 1] ?? "") ? 2 : 1;
      const from = header < 0 ? Math.max(0, at - above) : at - before.length + header;
      const found = this.read(lines.slice(from, from + STACK_LINES_MAX).join("\n").slice(0, LIMITS.stackBytes));
      if (found.good > NOTHING) return found;
    }
    return { text: "", good: NOTHING, frames: 0 };
  }
}

function beginsWithError(lines: readonly string[]): boolean {
  const first = lines.find((line) => line.trim() !== "") ?? "";
  return HEADER.test(first) || FRAME.test(first);
}

function nextFrame(lines: readonly string[], from: number): number {
  for (let at = from; at < lines.length; at += 1) if (FRAME.test(lines[at] ?? "")) return at;
  return -1;
}

function unescaped(text: string): string {
  return text.replace(/\\r\\n|\\n/g, "\n").replaceAll("\\t", "\t").replaceAll('\\"', '"').replace(/"[\s,}]{0,10}$/, "");
}

function withoutFields(line: string): string {
  let rest = line;
  for (let field = 0; field < FIELDS_MAX; field += 1) {
    const found = FIELDS.find((one) => one.test(rest));
    if (found === undefined) break;
    rest = rest.replace(found, "");
  }
  // Loguru marks the frame that caught what was raised.
  return rest.replace(/^> (?=File ")/, "  ");
}
