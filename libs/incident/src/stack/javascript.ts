import type { StackFrame } from "../types.ts";
import { isLibraryFile } from "./in-app.ts";

/**
 * Stacks of V8 (Node, Deno, Chromium, Hermes) and of SpiderMonkey and JavaScriptCore (Firefox, Safari, Bun).
 *
 *   stack    = header { line }
 *   line     = "at " [ "async " ] ( call " (" location ")" | location )
 *   call     = [ "new " ] name [ " [as " alias "]" ]
 *   location = file ":" line [ ":" column ] | "native" | "<anonymous>" | "index " number
 *            | "eval at " call " (" location ")" [ ", " location ] | "address at " file ":" line ":" column
 *   chain    = stack { ( "[cause]: " | "Caused by: " | "[errors]: [" ) stack }
 *   gecko    = [ { "async*" | "promise callback*" } name ] "@" ( location | "[native code]" ) [ " line " line " > eval" … ]
 *
 * Frames come innermost first. A cause lies deeper than the error that wraps it, so its frames come first.
 */
export function parseJavaScript(lines: readonly string[], framesMax: number): StackFrame[] {
  const segments: StackFrame[][] = [[]];
  let frames = 0;
  for (const raw of lines) {
    // util.inspect opens a brace behind the last frame where the error has a cause or fields.
    const line = raw.trim().replace(/ \{$/, "");
    if (CHAIN.test(line)) segments.push([]);
    if (frames >= framesMax) break;
    const frame = line.startsWith("at ") ? parseCall(line.slice(3)) : parseGecko(line);
    if (frame === null) continue;
    segments.at(-1)?.push(frame);
    frames++;
  }
  return segments.reverse().flat();
}

const CHAIN = /^(?:\[cause\]:|\[errors\]:|Caused by:)/;

/** What stands before the place must be a name: prose with an address in it is no frame. */
function parseGecko(line: string): StackFrame | null {
  const at = line.lastIndexOf("@", line.search(/@(?:[a-z][a-z0-9+.-]*:\/\/|\/|\[native code\]|[A-Za-z]:[\\/])/));
  if (at < 0) return null;
  const name = line.slice(0, at).replace(/^(?:[\w ]{1,40}\*){1,5}/, "").replace(/^(?:global|module|eval) code$/, "").replace(/(?:\/?<)+$/, "");
  if (!/^[\w$.#/<>[\] *-]{0,200}$/.test(name) || / .* /.test(name)) return null;
  // Code made from a text stands behind the place that made it.
  const place = line.slice(at + 1).replace(/ line (\d{1,9}) > .*$/, ":$1");
  if (place === "[native code]") return frame(nameIn(name), { file: "native", line: 0, column: 0 });
  const location = parseLocation(place);
  return location === null || location.line === 0 ? null : frame(nameIn(name), location);
}

function nameIn(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}

interface Location {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

function parseCall(text: string): StackFrame | null {
  const rest = text.startsWith("async ") ? text.slice(6) : text;
  const open = rest.endsWith(")") ? openingOf(rest) : -1;
  if (open < 1) {
    const location = parseLocation(rest);
    return location === null || location.line === 0 ? null : frame("", location);
  }
  const location = parseLocation(rest.slice(open + 1, -1));
  return location === null ? null : frame(functionName(rest.slice(0, open)), location);
}

/** Where the parenthesis opens that the last character closes: locations may hold pairs of their own. */
function openingOf(text: string): number {
  let depth = 0;
  for (let i = text.length - 1; i >= 0; i--) {
    if (text[i] === ")") depth++;
    else if (text[i] === "(" && --depth === 0) return i;
  }
  return -1;
}

function functionName(text: string): string {
  const name = text.trim().replace(/ \[as [^\]]*\]$/, "").replace(/^new /, "");
  return name === "<anonymous>" || name === "Object.<anonymous>" || name === "eval" ? "" : name;
}

function parseLocation(text: string): Location | null {
  if (text.startsWith("address at ")) return parseLocation(text.slice(11));
  if (text === "native" || text === "<anonymous>" || /^index \d+$/.test(text)) return { file: text.startsWith("index") ? "<anonymous>" : text, line: 0, column: 0 };
  if (text.startsWith("eval at ")) {
    // Code made from a text: the place that made it is the nearest place that a person can open.
    const open = text.indexOf("(");
    const close = open < 0 ? -1 : closingOf(text, open);
    return close < 0 ? null : parseLocation(text.slice(open + 1, close));
  }
  const match = /:(\d{1,9})(?::(\d{1,9}))?$/.exec(text);
  if (match === null || match.index === 0) return null;
  return { file: cleanFile(text.slice(0, match.index)), line: Number(match[1]), column: Number(match[2] ?? 0) };
}

function closingOf(text: string, open: number): number {
  let depth = 0;
  for (let i = open; i < text.length; i++) {
    if (text[i] === "(") depth++;
    else if (text[i] === ")" && --depth === 0) return i;
  }
  return -1;
}

/** File of a URL or path: hosts, schemes and cache-busting queries removed, so that the same file is always written the same. */
export function cleanFile(address: string): string {
  if (/^(?:node:|wasm:|(?:chrome|moz|safari(?:-web)?)-extension:)/.test(address)) return address;
  const file = address.replace(/^rsc:\/\/React\/[A-Za-z]{1,20}\//, "");
  const bundler = /^(?:webpack(?:-internal)?|turbopack|ng|vite):\/\/(?:\/|[^/]*\/)(?:\([\w-]{1,40}\)\/)?(?:\.\/)*/.exec(file);
  const bare = bundler !== null ? file.slice(bundler[0].length) : file.replace(/^file:\/\/(?:\/(?=[A-Za-z]:))?/, "").replace(/^[a-z][a-z0-9+.-]{1,30}:\/\/[^/]*\//, "/");
  const path = bare.replace(/[?#].*$/, "");
  return file.startsWith("file://") ? decoded(path) : path;
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function frame(name: string, { file, line, column }: Location): StackFrame {
  return { function: name, file, path: "", line, column, inApp: line > 0 && !isLibraryFile(file) };
}
