import { FirstfixError, messageOf } from "@firstfix/kit";
import { decodedMappings, TraceMap, traceSegment } from "@jridgewell/trace-mapping";

/**
 * Source maps, version 3, and index maps (whose `sections` are maps with an offset). A map comes from strangers: what is
 * not needed (sourcesContent) is never kept, and what would cost too much memory is refused.
 */
export const SOURCE_MAP_LIMITS = {
  /** Text of a map without its sourcesContent. */
  textBytes: 32 * 1024 * 1024,
  /** Each costs up to 45 bytes of memory while the map is in use. */
  mappingsChars: 8 * 1024 * 1024,
  sections: 1_000,
  sources: 50_000,
  names: 500_000,
  pathChars: 2_000,
} as const;

/** Measured on maps that are nothing but line ends and the shortest positions: 45 at worst, about 25 of real ones. */
const BYTES_PER_CHAR = 45;

export interface OriginalPlace {
  /** As the map says, with its sourceRoot. */
  readonly source: string;
  /** 1-based. */
  readonly line: number;
  readonly column: number;
  /** Name of the token that begins at exactly this place of the generated file; "" where the map gives none. */
  readonly name: string;
}

export interface SourceMapReader {
  readonly debugId: string;
  readonly sources: readonly string[];
  /** About what it takes in memory. */
  readonly bytes: number;
  /** 1-based line and column of the generated file; column 0 is unknown. Null where nothing is mapped. */
  place(line: number, column: number): OriginalPlace | null;
}

interface PlainMap {
  readonly sources: readonly string[];
  readonly names: readonly string[];
  readonly mappings: string;
}

interface Section {
  readonly line: number;
  readonly column: number;
  readonly map: PlainMap;
}

/** Throws bad_request where the text is no source map, or one that is not taken. */
export function readSourceMap(text: string): SourceMapReader {
  const raw = parsed(text);
  const sections = sectionsOf(raw);
  const chars = sum(sections, ({ map }) => map.mappings.length);
  if (chars > SOURCE_MAP_LIMITS.mappingsChars) throw refused(`its mappings are longer than ${SOURCE_MAP_LIMITS.mappingsChars} characters`);
  const traced = sections.map(({ map }) => new TraceMap({ version: 3, names: [...map.names], sources: [...map.sources], mappings: map.mappings }));
  return {
    debugId: debugIdOf(raw),
    sources: sections.flatMap(({ map }) => map.sources),
    bytes: BYTES_PER_CHAR * chars + 2 * sum(sections, ({ map }) => sum(map.names, (one) => one.length + 16) + sum(map.sources, (one) => one.length + 16)),
    place(line, column) {
      // The last section that begins at or before the place.
      const at = sections.findLastIndex((one) => one.line < line - 1 || (one.line === line - 1 && one.column <= Math.max(0, column - 1)));
      const section = sections[at];
      const map = traced[at];
      if (section === undefined || map === undefined || line < 1) return null;
      const inLine = line - 1 - section.line;
      const inColumn = column - 1 - (inLine === 0 ? section.column : 0);
      // Without a column the line's first place is the best there is.
      const segment = column < 1 ? (decodedMappings(map)[inLine]?.[0] ?? null) : traceSegment(map, inLine, inColumn);
      if (segment === null || segment.length === 1) return null;
      const source = section.map.sources[segment[1]];
      const name = segment.length === 5 && segment[0] === inColumn ? (section.map.names[segment[4]] ?? "") : "";
      // A hostile map may count below zero.
      return source === undefined || source === "" || segment[2] < 0 || segment[3] < 0 ? null : { source, line: segment[2] + 1, column: segment[3] + 1, name };
    },
  };
}

/** The map without what is never needed, for keeping. Throws like readSourceMap. */
export function withoutContents(text: string): string {
  const raw = parsed(text);
  const lean = (map: Record<string, unknown>): object => ({ version: 3, sources: map["sources"], names: map["names"] ?? [], mappings: map["mappings"], ...(map["sourceRoot"] === undefined ? {} : { sourceRoot: map["sourceRoot"] }) });
  const id = debugIdOf(raw);
  const { sections } = raw;
  // Read first: it checks every part that is kept here.
  readSourceMap(text);
  const kept = Array.isArray(sections) ? { version: 3, sections: (sections as Record<string, unknown>[]).map((one) => ({ offset: one["offset"], map: lean(one["map"] as Record<string, unknown>) })) } : lean(raw);
  const result = JSON.stringify({ ...kept, ...(id === "" ? {} : { debugId: id }) });
  if (result.length > SOURCE_MAP_LIMITS.textBytes) throw refused(`it is longer than ${SOURCE_MAP_LIMITS.textBytes} bytes`);
  return result;
}

/** The id that a build tool wrote into a generated file, lower case; "" where there is none. */
export function debugIdIn(text: string): string {
  return /^\/\/# debugId=([0-9a-f-]{32,36})\s*$/im.exec(text.slice(-2_000))?.[1]?.toLowerCase() ?? "";
}

/** What `//# sourceMappingURL=` at the end of a generated file says; "" where it says nothing. The last one counts. */
export function mapAddressIn(text: string): string {
  const at = text.lastIndexOf("//# sourceMappingURL=");
  return at < 0 ? "" : (/^\S*/.exec(text.slice(at + 21))?.[0] ?? "");
}

function parsed(text: string): Record<string, unknown> {
  try {
    // Some servers put this before JSON so that it is no script.
    const raw: unknown = JSON.parse(text.replace(/^\)\]\}'[^\n]*\n/, ""));
    if (isObject(raw) && raw["version"] === 3) return raw;
  } catch (cause) {
    throw refused(`it is no JSON: ${messageOf(cause).slice(0, 100)}`, cause);
  }
  throw refused("it is no source map of version 3");
}

function sectionsOf(raw: Record<string, unknown>): Section[] {
  if (raw["sections"] === undefined) return [{ line: 0, column: 0, map: plain(raw) }];
  const list = raw["sections"];
  if (!Array.isArray(list) || list.length > SOURCE_MAP_LIMITS.sections) throw refused(`its sections are no list of at most ${SOURCE_MAP_LIMITS.sections}`);
  const sections = list.map((one: unknown): Section => {
    const offset = isObject(one) ? one["offset"] : undefined;
    const map = isObject(one) ? one["map"] : undefined;
    if (!isObject(offset) || !isObject(map)) throw refused("a section lacks its offset or its map");
    const [line, column] = [offset["line"], offset["column"]];
    if (!Number.isSafeInteger(line) || !Number.isSafeInteger(column) || Number(line) < 0 || Number(column) < 0) throw refused("the offset of a section is not allowed");
    return { line: Number(line), column: Number(column), map: plain(map) };
  });
  return sections.sort((a, b) => a.line - b.line || a.column - b.column);
}

function plain(raw: Record<string, unknown>): PlainMap {
  const { sources, names = [], mappings, sourceRoot } = raw;
  if (typeof mappings !== "string") throw refused("it has no mappings");
  if (!Array.isArray(sources) || sources.length > SOURCE_MAP_LIMITS.sources) throw refused(`its sources are no list of at most ${SOURCE_MAP_LIMITS.sources}`);
  if (!Array.isArray(names) || names.length > SOURCE_MAP_LIMITS.names) throw refused(`its names are no list of at most ${SOURCE_MAP_LIMITS.names}`);
  const root = typeof sourceRoot === "string" && sourceRoot !== "" ? `${sourceRoot.replace(/\/$/, "")}/` : "";
  return { mappings, names: names.map((name: unknown) => (typeof name === "string" ? name.slice(0, 300) : "")), sources: sources.map((source: unknown) => (typeof source === "string" && source !== "" ? withRoot(root, source).slice(0, SOURCE_MAP_LIMITS.pathChars) : "")) };
}

function withRoot(root: string, source: string): string {
  return /^(?:\/|[a-z][a-z0-9+.-]*:)/i.test(source) ? source : root + source;
}

function debugIdOf(raw: Record<string, unknown>): string {
  const id = raw["debugId"] ?? raw["debug_id"];
  return typeof id === "string" && /^[0-9a-f-]{32,36}$/i.test(id) ? id.toLowerCase() : "";
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function sum<T>(all: readonly T[], of: (one: T) => number): number {
  return all.reduce((total, one) => total + of(one), 0);
}

function refused(why: string, cause?: unknown): FirstfixError {
  return new FirstfixError("bad_request", `the source map is not taken: ${why}`, { cause, hint: "Give the .map file that the bundler or compiler wrote." });
}
