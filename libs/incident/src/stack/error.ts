import { LIMITS } from "@firstfix/kit";
import type { StackFrame } from "../types.ts";
import { parseStack } from "./parse.ts";

export interface ParsedError {
  /** "" where the text does not say. */
  readonly type: string;
  readonly message: string;
  readonly frames: readonly StackFrame[];
}

const TYPE = "[A-Za-z_$][\\w$.\\\\]{0,199}";
const HEADERS: readonly RegExp[] = [
  // Ruby: "/app/cart.rb:12:in 'Cart#total': message (NoMethodError)"
  /^\S[^\n]{0,1000}\.rb:\d{1,9}:in [`'][^'\n]{1,300}': (?<message>[^\n]{0,2000}) \((?<type>[A-Z][\w:]{0,199})\)$/m,
  // Go: "panic: message", with a mark behind it where it was recovered and raised again
  /^(?<type>panic|fatal error): (?<message>[^\n]{0,2000}?)(?: \[recovered(?:, repanicked)?\])?$/m,
  // Go's HTTP server, which recovers: "http: panic serving 10.0.0.1:5555: message"
  /http: (?<type>panic) serving \S{1,100}: (?<message>[^\n]{0,2000})$/m,
  // Rust: "thread 'main' panicked at src/plan.rs:8:10:" and the message below it
  /^thread '[^'\n]{1,200}' (?:\(\d{1,20}\) )?(?<type>panic)ked at [^\n]{1,1000}:\d{1,9}:\d{1,9}:\n(?<message>[^\n]{0,2000})$/m,
  // The same before 1.73: "thread 'main' panicked at 'message', src/plan.rs:8:10"
  /^thread '[^'\n]{1,200}' (?<type>panic)ked at '(?<message>[^]{0,2000}?)', [^\n]{1,1000}:\d{1,9}:\d{1,9}$/m,
  // Rails: "NoMethodError (message):"
  /^(?!Traceback )(?<type>[A-Z][\w:]{0,199}) \((?<message>[^\n]{0,2000})\):$/m,
  // Monolog, as Laravel has it: "[object] (ErrorException(code: 0): message at /app/a.php:9)"
  /\[object\] \((?<type>[\w\\]{1,200})\(code: [^)\n]{1,40}\): (?<message>[^\n]{0,2000}?) at \S{1,1000}:\d{1,9}\)$/m,
  // PHP: "PHP Fatal error:  Uncaught TypeError: message in /app/a.php:3"
  new RegExp(`^(?:PHP )?Fatal error: {1,2}Uncaught (?<type>${TYPE}): (?<message>[^\\n]{0,2000}?) in \\S{1,1000}:\\d{1,9}$`, "m"),
];
/** JavaScript, Java, .NET: "Type: message", perhaps behind `Uncaught` or `Exception in thread "main"`; Node's own errors have their code with the type. */
const PLAIN = new RegExp(`^(?:Uncaught |Unhandled exception\\. |Exception in thread "[^"\\n]{1,200}" )?(?<type>${TYPE})(?: \\[[A-Z][A-Z\\d_]{1,99}\\])?(?:: (?<message>[^\\n]{0,2000}))?$`);
/** A class made in a function is printed as `f.<locals>.Name`. */
const PYTHON = /^(?<type>[A-Za-z_][\w.<>]{0,199})(?:: ?(?<message>[^]*))?$/;
const TRACEBACK = "Traceback (most recent call last)";
const LINKS = ["The above exception was the direct cause of the following exception", "During handling of the above exception, another exception occurred"];
const MESSAGE_CHARS_MAX = 2_000;

/** Type, message and frames of an error as a runtime prints it, for those who have only the text. Never throws. */
export function parseError(text: string): ParsedError {
  const bounded = text.slice(0, LIMITS.stackBytes).replaceAll("\r\n", "\n");
  const header = headerOf(bounded);
  const type = header["type"] ?? "";
  return { type, message: header["message"] ?? "", frames: parseStack(bounded, { type }) };
}

function headerOf(text: string): Readonly<Record<string, string | undefined>> {
  for (const pattern of HEADERS) {
    const groups = pattern.exec(text)?.groups;
    if (groups !== undefined) return groups;
  }
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  // Python ends with what was raised; all others begin with it.
  if (text.includes(TRACEBACK)) return pythonHeader(text.split("\n"));
  // Node prints the failing line and a mark below it first.
  return lines.slice(0, 10).map((line) => PLAIN.exec(line.trim())?.groups).find((groups) => groups !== undefined && (/[A-Z]/.test(groups["type"] ?? "") || isError(groups))) ?? {};
}

/** An error of node-postgres is named `error`, as PostgreSQL calls its severity. */
function isError({ type, message = "" }: Readonly<Record<string, string | undefined>>): boolean {
  return type === "error" && message !== "";
}

/**
 * What the last traceback of a chain raised: its first line that is not indented, for frames, source lines and marks all
 * are. The message goes on below it, and Python prints notes as it prints further lines of the message. Of an exception
 * group it is the group, whose members have a "|" before their tracebacks.
 */
function pythonHeader(lines: readonly string[]): Readonly<Record<string, string | undefined>> {
  const start = lastTraceback(lines);
  const first = lines[start] ?? "";
  const marked = /^ *\+ /.test(first);
  const indent = first.length - first.trimStart().length;
  const body: string[] = [];
  for (const raw of lines.slice(start + 1)) {
    if (marked ? !/^ *\|/.test(raw) : LINKS.some((link) => raw.includes(link))) break;
    body.push(marked ? raw.replace(/^ *\| ?/, "") : raw.slice(Math.min(indent, raw.length - raw.trimStart().length)));
  }
  const from = body.findIndex((line) => /^\S/.test(line));
  const groups = from < 0 ? undefined : PYTHON.exec(body.slice(from).join("\n").trimEnd())?.groups;
  return groups === undefined ? {} : { type: groups["type"], message: (groups["message"] ?? "").slice(0, MESSAGE_CHARS_MAX) };
}

/** The first one, or the last that a link leads to: others stand in messages, as those of another process do. */
function lastTraceback(lines: readonly string[]): number {
  let found = -1;
  let linked = true;
  for (const [at, line] of lines.entries()) {
    if (line.trim() === "" || /^ *\|/.test(line)) continue;
    if (linked && line.includes(TRACEBACK)) found = at;
    if (line.includes(TRACEBACK)) linked = false;
    if (LINKS.some((link) => line.includes(link))) linked = true;
  }
  return found;
}
