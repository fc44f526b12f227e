/** A package that a file names, and its version as the file writes it. */
export interface Entry {
  /** As its ecosystem writes it; of Maven `group:artifact`, or `:name` where only a property's name is known. */
  readonly name: string;
  readonly version: string;
  /** Of npm: the folder below node_modules, where the lock file says it. One package may lie in several. */
  readonly folder?: string;
}

export interface Read {
  readonly entries: readonly Entry[];
  /** Packages that the file declares to be the repository's own. */
  readonly own: readonly string[];
}

/** Reads the text of a file. May throw on what is not well-formed. */
export type Reader = (text: string) => Read;

/** What a parser of a standard format gave: strings, numbers, lists and tables, in any shape. */
export type Value = unknown;

export function table(value: Value): Readonly<Record<string, Value>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, Value>>) : {};
}

export function list(value: Value): readonly Value[] {
  return Array.isArray(value) ? value : [];
}

export function text(value: Value): string {
  return typeof value === "string" ? value : "";
}

/** What a table itself holds under a key that the file chose: `constructor` is none of its keys. */
export function under(value: Value, key: string): Value {
  return Object.hasOwn(table(value), key) ? table(value)[key] : undefined;
}

/** The tables below several keys, one after the other. */
export function tables(value: Value, ...keys: readonly string[]): [string, Value][] {
  return keys.flatMap((key) => Object.entries(table(table(value)[key])));
}
