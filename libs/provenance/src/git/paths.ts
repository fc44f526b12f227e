import { isUtf8 } from "node:buffer";

/**
 * Git's paths are bytes, and ours are texts. A path that is no UTF-8 stands as git itself would print it, in double quotes
 * with octal escapes (`"caf\351.js"`): different paths stay different, and it can be shown and stored.
 */
export function decodePath(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString("utf8");
  const text = bytes.toString("latin1").replace(/["\\]/g, "\\$&");
  return `"${text.replace(/[^ -~]/g, (one) => `\\${one.charCodeAt(0).toString(8).padStart(3, "0")}`)}"`;
}

/** What git is told before a command whose paths `unquote` is to read: all that is no ASCII is then escaped, and nothing is lost where the output is read as text. */
export const QUOTED = ["-c", "core.quotePath=true"] as const;

/** The bytes of a path that `decodePath` had to escape; null for a path that is the text itself. */
export function escapedPath(path: string): Buffer | null {
  if (!path.startsWith('"') || !path.includes("\\")) return null;
  const bytes = unquoteBytes(path);
  return bytes === null || isUtf8(bytes) ? null : bytes;
}

/** A path as git is given it behind `--`: an argument, or bytes that no argument of ours can hold. */
export function pathArg(path: string): { readonly args: readonly string[]; readonly lastArg: Buffer | undefined } {
  const lastArg = escapedPath(path) ?? undefined;
  return { args: lastArg === undefined ? ["--", path] : ["--"], lastArg };
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", a: "\u0007", b: "\b", f: "\f", v: "\v", '"': '"', "\\": "\\" };

/** Git's C-style quoting of paths: `"a\tb\303\244"`; octal escapes are bytes. */
export function unquote(text: string): string {
  const bytes = unquoteBytes(text);
  return bytes === null ? text : decodePath(bytes);
}

function unquoteBytes(text: string): Buffer | null {
  if (!text.startsWith('"') || !text.endsWith('"') || text.length < 2) return null;
  const bytes: Buffer[] = [];
  for (const [, octal, escape, plain] of text.slice(1, -1).matchAll(/\\([0-7]{3})|\\(.)|([^\\]+)/gs)) {
    if (octal !== undefined) bytes.push(Buffer.from([Number.parseInt(octal, 8) & 0xff]));
    else bytes.push(Buffer.from(escape === undefined ? (plain ?? "") : (ESCAPES[escape] ?? escape)));
  }
  return Buffer.concat(bytes);
}

/** Fields that end with a NUL, each as a path is read. */
export function splitPaths(output: Buffer): string[] {
  if (isUtf8(output)) return output.toString("utf8").split("\0");
  return output.toString("latin1").split("\0").map((field) => decodePath(Buffer.from(field, "latin1")));
}
