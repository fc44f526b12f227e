import type { StackFrame } from "../types.ts";
import { isLibraryFile } from "./in-app.ts";

/** A line of a stack in a language whose stacks are one frame a line, innermost first. */
export interface LineLanguage {
  /** Groups `function`, `file` and `line`, those that there are. */
  readonly frame: RegExp;
  /** Functions of the platform, by name. */
  readonly library: RegExp;
}

/** Matches nothing: the file says it. */
const NONE = /(?!)/;

/**
 * .NET: `at Shop.Cart.Total(Int32 id) in /src/Cart.cs:line 42`. An inner exception's frames stand before those of the
 * one that wraps it, which is the order wanted. Without debug symbols there is no file, and the frame is not in the app.
 */
export const DOTNET: LineLanguage = {
  frame: /^at (?<function>[\w.<>`+[\],|$]{1,500})\([^()]{0,1000}\)(?: in (?<file>.{1,1000}):line (?<line>\d{1,9}))?$/,
  library: /^(?:System|Microsoft|Npgsql|Newtonsoft|MassTransit|Grpc|Serilog|OpenTelemetry|lambda_method)\b/,
};

/** Ruby: "/app/cart.rb:12:in 'Cart#total'" (3.4) or with a backtick before (older); later lines may begin with `from`. */
export const RUBY: LineLanguage = {
  frame: /^(?:from )?(?<file>[^\s:][^:]{0,1000}\.(?:rb|erb|rake|ru)):(?<line>\d{1,9})(?::in [`'](?<function>[^']{1,300})')?(?::.*)?$/,
  library: NONE,
};

/** PHP: `#0 /app/src/Cart.php(42): App\Cart->total(Array)`. */
export const PHP: LineLanguage = {
  frame: /^#\d{1,4} (?<file>[^(]{1,1000}\.(?:php|phtml|inc))\((?<line>\d{1,9})\): (?<function>[\w\\{}:>-]{1,300})/,
  library: NONE,
};

export function parseLines(lines: readonly string[], framesMax: number, { frame, library }: LineLanguage): StackFrame[] {
  const frames: StackFrame[] = [];
  for (const raw of lines) {
    const groups = frame.exec(raw.trim())?.groups;
    if (groups === undefined) continue;
    const name = (groups["function"] ?? "").replace(/^block (?:\(\d+ levels\) )?in /, "").replace(/<>c(?:__DisplayClass\w*)?\./g, "").replace(/\.?<(\w+)>[bdg]__\w*(?:\.MoveNext)?/g, ".$1").replace(/^<(?:main|top \(required\))>$/, "");
    const file = groups["file"] ?? "";
    const line = Number(groups["line"] ?? 0);
    frames.push({ function: name, file, path: "", line, column: 0, inApp: line > 0 && !isLibraryFile(file) && !library.test(name) });
    if (frames.length >= framesMax) break;
  }
  return frames;
}

/** Whether a stack of the language begins somewhere: its frames are told from another language's by their file's ending. */
export function isLines(lines: readonly string[], { frame }: LineLanguage): boolean {
  return lines.some((line) => frame.exec(line.trim())?.groups?.["file"] !== undefined);
}
