import { closeSync, existsSync, openSync, readSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

export interface PackageFacts {
  readonly name: string;
  readonly version: string;
}

const PARENTS_MAX = 32;
const FILE_BYTES_MAX = 1024 * 1024;

/**
 * Name and version in the nearest package file at or above a folder, as @firstfix/sdk finds the name; never above the
 * root of the checkout. What a build tool works out by itself (a dynamic version) is not guessed.
 */
export function readPackage(start: string): PackageFacts {
  let folder = resolve(start);
  for (let step = 0; step < PARENTS_MAX; step += 1) {
    for (const [file, read] of FILES) {
      const facts = factsOf(join(folder, file), read);
      if (facts !== null) return facts;
    }
    const parent = dirname(folder);
    if (parent === folder || existsSync(join(folder, ".git"))) break;
    folder = parent;
  }
  return { name: "", version: "" };
}

type Reader = (text: string) => PackageFacts;

const FILES: readonly (readonly [file: string, read: Reader])[] = [
  ["package.json", fromJson],
  ["pyproject.toml", (text) => fromToml(text, ["project", "tool.poetry"])],
  ["Cargo.toml", (text) => fromToml(text, ["package"])],
  ["composer.json", fromJson],
  ["go.mod", (text) => ({ name: /^module\s+\S*?([^/\s]+?)(?:\/v\d+)?\s*$/m.exec(text)?.[1] ?? "", version: "" })],
];

/** Null where the file is missing, cannot be read, or names nothing. */
function factsOf(path: string, read: Reader): PackageFacts | null {
  try {
    const facts = read(head(path));
    return facts.name === "" ? null : facts;
  } catch {
    return null;
  }
}

function fromJson(text: string): PackageFacts {
  const content: unknown = JSON.parse(text);
  const value = (key: string): string => {
    const found = typeof content === "object" && content !== null ? (content as Readonly<Record<string, unknown>>)[key] : undefined;
    return typeof found === "string" ? found : "";
  };
  return { name: value("name"), version: value("version") };
}

/** `name` and `version` of a table, where they are plain strings. */
function fromToml(text: string, tables: readonly string[]): PackageFacts {
  const found = new Map<string, string>();
  let inTable = false;
  for (const line of text.split("\n")) {
    const table = /^\s*\[([^[\]]+)\]\s*(?:#.*)?$/.exec(line)?.[1]?.trim();
    if (table !== undefined) inTable = tables.includes(table);
    const [, key, value] = (inTable ? /^\s*(name|version)\s*=\s*["']([^"'\\]*)["']\s*(?:#.*)?$/.exec(line) : null) ?? [];
    if (key !== undefined && value !== undefined && !found.has(key)) found.set(key, value);
  }
  return { name: found.get("name") ?? "", version: found.get("version") ?? "" };
}

function head(path: string): string {
  const file = openSync(path, "r");
  try {
    const buffer = Buffer.alloc(FILE_BYTES_MAX);
    return buffer.toString("utf8", 0, readSync(file, buffer));
  } finally {
    closeSync(file);
  }
}
