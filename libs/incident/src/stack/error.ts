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
  // PHP: "PHP Fatal error:  Uncaught TypeError: message in /app/a.php:3"
  new RegExp(`^(?:PHP )?Fatal error: {1,2}Uncaught (?<type>${TYPE}): (?<message>[^\\n]{0,2000}?) in \\S{1,1000}:\\d{1,9}$`, "m"),
];
/** JavaScript, Java, .NET: "Type: message", perhaps behind `Uncaught` or `Exception in thread "main"`. */
const PLAIN = new RegExp(`^(?:Uncaught |Unhandled exception\\. |Exception in thread "[^"\\n]{1,200}" )?(?<type>${TYPE})(?:: (?<message>[^\\n]{0,2000}))?$`);
const PYTHON = new RegExp(`^(?<type>${TYPE})(?:: (?<message>[^\\n]{0,2000}))?$`);

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
  if (text.includes("Traceback (most recent call last)")) return lines.toReversed().map((line) => PYTHON.exec(line)?.groups).find((groups) => groups !== undefined) ?? {};
  // Node prints the failing line and a mark below it first.
  return lines.slice(0, 10).map((line) => PLAIN.exec(line.trim())?.groups).find((groups) => groups !== undefined && /[A-Z]/.test(groups["type"] ?? "")) ?? {};
}
