import { posix } from "node:path";
import { isLibraryFile } from "../stack/in-app.ts";
import { cleanFile } from "../stack/javascript.ts";
import type { StackFrame } from "../types.ts";
import type { SourceMapReader } from "./read.ts";

/** A map, and the path in the repository of the generated file that it belongs to, where that is known. */
export interface FoundMap {
  readonly reader: SourceMapReader;
  readonly generated: string | null;
}

/** Whether a frame may be of a generated file: what a runtime that maps by itself prints (`cart.ts`) is not. */
export function isGenerated({ file, line }: Pick<StackFrame, "file" | "line">): boolean {
  return line > 0 && /\.(?:[cm]?js|jsx|bundle)$/i.test(file) && !isLibraryFile(file);
}

/**
 * The frames at their places in the sources. A frame whose map is missing or says nothing of its place stays as it is.
 * Names: what a minifier called a function, a map does not tell; but where it was called, the caller's token has the
 * name that the sources have. So a frame takes the name from the frame outside it, and loses a minified one otherwise.
 */
export function applySourceMaps(frames: readonly StackFrame[], mapOf: (frame: StackFrame) => FoundMap | null): StackFrame[] {
  const places = frames.map((frame) => {
    const map = isGenerated(frame) ? mapOf(frame) : null;
    if (map === null || isSource(frame.file, map)) return null;
    const place = map.reader.place(frame.line, frame.column);
    return place === null ? null : { ...place, file: sourceFile(place.source, map.generated) };
  });
  return frames.map((frame, i) => {
    const place = places[i];
    if (place === null || place === undefined) return frame;
    const { file, line, column } = place;
    return { ...frame, file, line, column, function: nameOf(frame.function, places[i + 1]?.name ?? ""), inApp: !isLibraryFile(file) };
  });
}

/** The stack was mapped already (`node --enable-source-maps`): its file is one of the map's sources, not what was built. */
function isSource(file: string, { reader, generated }: FoundMap): boolean {
  const path = file.replaceAll("\\", "/");
  return reader.sources.some((source) => {
    const name = sourceFile(source, generated);
    return name.includes("/") && name !== generated && (path === name || path.endsWith(`/${name}`));
  });
}

/** Below the repository's root where the map's place is known; else what can be compared with its paths. */
function sourceFile(source: string, generated: string | null): string {
  const cleaned = cleanFile(source).replaceAll("\\", "/");
  if (generated !== null && cleaned === source && !source.startsWith("/")) {
    const joined = posix.join(posix.dirname(generated), cleaned);
    if (!joined.startsWith("..")) return joined;
  }
  // Nothing opens this path; steps upwards only say where the bundler ran.
  return posix.normalize(cleaned).replace(/^(?:\.\.?\/)+/, "");
}

function nameOf(given: string, called: string): string {
  const short = given.slice(given.lastIndexOf(".") + 1);
  if (/^[\w$#]{1,200}$/.test(called)) return given.includes(".") && short.length > 2 ? given : called;
  return short.length <= 2 ? "" : given;
}
