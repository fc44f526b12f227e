import type { StackFrame } from "../types.ts";
import { isLibraryFile } from "./in-app.ts";

/** A language whose stacks are one frame a line. */
export interface LineLanguage {
  /** Groups `function`, `file` and `line`, those that there are. */
  readonly frame: RegExp;
  /** Functions of the platform, by name. */
  readonly library: RegExp;
  /** A line that begins the stack of a cause; what follows lies deeper than what came before. */
  readonly cause: RegExp;
  /** A line that says that the outermost call comes first. */
  readonly outermostFirst: RegExp;
}

/** Matches nothing. */
const NONE = /(?!)/;

/**
 * .NET: `at Shop.Cart.Total(Int32 id) in /src/Cart.cs:line 42`, its words in the language of the machine. An inner
 * exception's frames stand before those of the one that wraps it, which is the order wanted. Without debug symbols
 * there is no file, and the frame is not in the app.
 */
export const DOTNET: LineLanguage = {
  frame: /^(?:at|bei|à|en|em|in|в|w|位置|在|場所) (?<function>[\w.<>`+[\],|$&*=-]{1,500})\([^()]{0,1000}\)(?: (?:in|dans|en|em|в|w|位置|場所) (?<file>.{1,1000}):(?:line|Zeile|ligne|línea|linha|riga|строка|wiersz|行号|行) ?(?<line>\d{1,9}))?\.?$/,
  library: /^(?:System|Microsoft|Npgsql|Newtonsoft|MassTransit|Grpc|Serilog|OpenTelemetry|lambda_method)\b/,
  cause: NONE,
  outermostFirst: NONE,
};

/**
 * Ruby: "/app/cart.rb:12:in 'Cart#total'" (3.4) or with a backtick before (older); later lines may begin with `from`.
 * A cause has a first line of its own, with message and class. Ruby 2.5 to 2.7 print the outermost call first, numbered.
 */
export const RUBY: LineLanguage = {
  frame: /^(?:\d{1,5}: )?(?:from )?(?<file>[^\s:][^:]{0,1000}\.(?:rb|erb|haml|slim|rake|ru)):(?<line>\d{1,9})(?::in [`'](?<function>[^']{1,300})')?(?::.*)?$/,
  library: NONE,
  cause: /^[^\s:][^:]{0,1000}:\d{1,9}:in [`'][^']{1,300}': .{0,1000}\([A-Z][\w:]{0,199}\)$/,
  outermostFirst: /^Traceback \(most recent call last\):$/,
};

export function parseLines(lines: readonly string[], framesMax: number, { frame, library, cause, outermostFirst }: LineLanguage): StackFrame[] {
  const segments: StackFrame[][] = [[]];
  let count = 0;
  for (const raw of lines) {
    const line = raw.trim();
    if (cause.test(line) && segments.at(-1)?.length !== 0) segments.push([]);
    const groups = count < framesMax ? frame.exec(line)?.groups : undefined;
    if (groups === undefined) continue;
    const file = groups["file"] ?? "";
    const name = nameOf(groups["function"] ?? "");
    const number = Number(groups["line"] ?? 0);
    segments.at(-1)?.push({ function: name, file, path: "", line: number, column: 0, inApp: number > 0 && !isLibraryFile(file) && !library.test(name) });
    count += 1;
  }
  const turned = lines.some((line) => outermostFirst.test(line.trim()));
  return segments.reverse().flatMap((segment) => (turned ? turnRound(segment) : segment));
}

/** Whether a stack of the language begins somewhere: its frames are told from another language's by their file's ending. */
export function isLines(lines: readonly string[], { frame }: LineLanguage): boolean {
  return lines.some((line) => frame.exec(line.trim())?.groups?.["file"] !== undefined);
}

/** The innermost is printed last, with the message. */
function turnRound(segment: readonly StackFrame[]): StackFrame[] {
  return segment.toReversed();
}

/** Without what compilers and template engines make up, for that changes with every build. */
function nameOf(name: string): string {
  return name
    .replace(/^(?:block (?:\(\d+ levels\) )?|rescue |ensure )+in /, "")
    .replace(/^<(?:main|top \(required\)|class:[\w:]+|module:[\w:]+)>$/, "")
    .replace(/^(_\w+?)_{2,}\d+_\d+$/, "$1")
    .replace(/<>c(?:__DisplayClass\w*)?\./g, "")
    .replace(/\.?<(\w+)>[bdg]__\w*(?:\|\w+)?(?:\.MoveNext)?/g, ".$1");
}
