import { lstat, readFile, realpath } from "node:fs/promises";
import { posix, sep } from "node:path";
import { applySourceMaps, debugIdIn, isGenerated, mapAddressIn, mapFile, readSourceMap, SOURCE_MAP_LIMITS, type FoundMap, type SourceMapReader, type StackFrame } from "@firstfix/incident";
import { messageOf } from "@firstfix/kit";
import { literal, select } from "@firstfix/store";
import type { Room } from "../room.ts";
import type { Running, ServiceSpecs } from "../requirements/specs.ts";

/** Maps are kept parsed up to this many bytes in all, least recently used out first. */
const CACHE_BYTES_MAX = 256 * 1024 * 1024;
/** What was not found may be uploaded a little later. */
const MISSING_MS = 30_000;
const MISSING_MAX = 5_000;
/** Names that were uploaded are read again after this time, and kept for so many deployments. */
const UPLOADS_MS = 10_000;
const DEPLOYMENTS_MAX = 200;
const FILES_PER_STACK_MAX = 20;
/** Ends of a path that are tried in a folder of artefacts, and uploaded names of one deployment that are compared. */
const PARTS_MAX = 12;
const UPLOADED_MAX = 5_000;

/** Committed files that may be built ones though no map lies beside them: others are not read just to see. */
const BUILT = /(?:^|\/)(?:dist|build|out|output|lib|bundle|public|static|assets|www|\.next)\/|[.-]min\.|bundle/i;

const ofRooms = new WeakMap<Room, SourceMaps>();

/** The one of a correlator: its cache is shared by all who read stacks. */
export function sourceMapsOf(room: Room): SourceMaps {
  const maps = ofRooms.get(room) ?? new SourceMaps(room);
  ofRooms.set(room, maps);
  return maps;
}

/**
 * Finds the source maps of what runs: uploaded ones first, then folders of build artefacts, then the repository at the
 * deployed revision. What cannot be read or is refused is as good as none: the frame stays as the process gave it.
 */
class SourceMaps {
  readonly #room: Room;
  readonly #cache = new Map<string, FoundMap>();
  #cacheBytes = 0;
  readonly #missing = new Map<string, number>();
  readonly #uploads = new Map<string, { readonly at: number; readonly names: readonly string[] }>();

  constructor(room: Room) {
    this.#room = room;
  }

  /** The frames at their places in the sources, where there are maps. */
  async apply(frames: readonly StackFrame[], running: Running, specs: ServiceSpecs | null): Promise<StackFrame[]> {
    const files = [...new Set(frames.filter(isGenerated).map((frame) => frame.file))].slice(0, FILES_PER_STACK_MAX);
    const maps = new Map<string, FoundMap>();
    for (const file of files) {
      const map = await this.#find(file, running, specs);
      if (map !== null) maps.set(file, map);
    }
    return maps.size === 0 ? [...frames] : applySourceMaps(frames, (frame) => maps.get(frame.file) ?? null);
  }

  async #find(file: string, running: Running, specs: ServiceSpecs | null): Promise<FoundMap | null> {
    const key = JSON.stringify([running.service, running.repository, running.revision, file]);
    const cached = this.#cache.get(key);
    if (cached !== undefined) {
      this.#cache.delete(key);
      this.#cache.set(key, cached);
      return cached;
    }
    // What was missing while the repository could not be read may stand in it.
    const missed = `${specs === null ? "blind" : "seen"} ${key}`;
    if (Date.now() - (this.#missing.get(missed) ?? 0) < MISSING_MS) return null;
    let found: FoundMap | null = null;
    try {
      found = (await this.#uploaded(file, running)) ?? (await this.#onDisk(file, running)) ?? (specs === null ? null : await this.#committed(file, running, specs));
    } catch (error) {
      this.#room.log.warn({ service: running.service, revision: running.revision, file, error: messageOf(error) }, "a source map cannot be used");
    }
    if (found === null) {
      if (this.#missing.size >= MISSING_MAX) this.#missing.clear();
      this.#missing.set(missed, Date.now());
    } else this.#remember(key, found);
    return found;
  }

  /** By the longest uploaded name that the file ends with. */
  async #uploaded(file: string, running: Running): Promise<FoundMap | null> {
    const path = file.replaceAll("\\", "/");
    const named = (await this.#names(running)).filter((name) => path === name || path.endsWith(name.startsWith("/") ? name : `/${name}`));
    const best = named.sort((a, b) => b.length - a.length)[0];
    return best === undefined ? null : this.#stored(`${deployed(running)} AND file = ${literal(best)}`, null);
  }

  /** One statement for all the files of a deployment, for most have no maps at all. */
  async #names(running: Running): Promise<readonly string[]> {
    const key = deployed(running);
    const known = this.#uploads.get(key);
    if (known !== undefined && Date.now() - known.at < UPLOADS_MS) return known.names;
    const rows = await select<{ file: string }>(this.#room.store.background, `SELECT file FROM source_maps FINAL WHERE ${key} ORDER BY file LIMIT ${UPLOADED_MAX}`);
    if (this.#uploads.size >= DEPLOYMENTS_MAX) this.#uploads.clear();
    const names = rows.map((row) => row.file);
    this.#uploads.set(key, { at: Date.now(), names });
    return names;
  }

  async #stored(where: string, generated: string | null): Promise<FoundMap | null> {
    const [row] = await select<{ map: string }>(this.#room.store.background, `SELECT map FROM source_maps FINAL WHERE ${where} ORDER BY at DESC LIMIT 1`);
    return row === undefined ? null : { reader: readSourceMap(row.map), generated };
  }

  /** `FOLDER/dist/main.js.map` for `/app/dist/main.js`. Telemetry names the path, so nothing outside the folder is read. */
  async #onDisk(file: string, { service, revision }: Running): Promise<FoundMap | null> {
    if (!isPlain(service) || !/^[0-9a-f]{7,64}$/.test(revision)) return null;
    const parts = file.replaceAll("\\", "/").split("/").filter((part) => part !== "");
    if (parts.some((part) => part === "..")) return null;
    for (const pattern of this.#room.config.correlator.artefacts) {
      const folder = await realpath(pattern.replaceAll("{service}", service).replaceAll("{revision}", revision)).catch(() => null);
      if (folder === null) continue;
      for (const from of parts.slice(-PARTS_MAX).keys()) {
        const wanted = await realpath(`${folder}/${parts.slice(-PARTS_MAX).slice(from).join("/")}.map`).catch(() => null);
        if (wanted === null || !wanted.startsWith(folder + sep)) continue;
        const { size } = await lstat(wanted);
        if (size > SOURCE_MAP_LIMITS.textBytes) continue;
        return { reader: readSourceMap(await readFile(wanted, "utf8")), generated: null };
      }
    }
    return null;
  }

  /** The map beside the committed file, the one that the file itself names, or the uploaded one with the file's debug id. */
  async #committed(file: string, running: Running, { tree, frames, inApp, own }: ServiceSpecs): Promise<FoundMap | null> {
    const generated = mapFile(file, { paths: tree.paths, frames, inApp, own }).path;
    if (generated === "") return null;
    if (!tree.paths.includes(`${generated}.map`) && !BUILT.test(generated)) return null;
    const text = await tree.repository.readFile(running.revision, generated);
    const debugId = text === null ? "" : debugIdIn(text);
    const fitting = (reader: SourceMapReader): FoundMap | null => (debugId !== "" && reader.debugId !== "" && reader.debugId !== debugId ? null : { reader, generated });
    const address = text === null ? "" : mapAddressIn(text);
    const inline = /^data:application\/json;(?:charset=[\w-]{1,20};)?base64,([\w+/=]*)$/.exec(address)?.[1];
    if (inline !== undefined) return fitting(readSourceMap(Buffer.from(inline, "base64").toString("utf8")));
    const beside = address === "" || /^[a-z][a-z0-9+.-]*:|^\//i.test(address) ? [`${generated}.map`] : [posix.join(posix.dirname(generated), decoded(address)), `${generated}.map`];
    for (const path of beside) {
      const map = tree.paths.includes(path) ? await tree.repository.readFile(running.revision, path) : null;
      const found = map === null ? null : fitting(readSourceMap(map));
      if (found !== null) return found;
    }
    return debugId === "" ? null : this.#stored(`service = ${literal(running.service)} AND debug_id = ${literal(debugId)}`, generated);
  }

  #remember(key: string, map: FoundMap): void {
    this.#cache.set(key, map);
    this.#cacheBytes += map.reader.bytes;
    for (const [oldest, one] of this.#cache) {
      if (this.#cacheBytes <= CACHE_BYTES_MAX || oldest === key) break;
      this.#cache.delete(oldest);
      this.#cacheBytes -= one.reader.bytes;
    }
  }
}

function deployed({ service, revision }: Running): string {
  return `service = ${literal(service)} AND revision = ${literal(revision)}`;
}

/** One folder's name: it is put into a path. */
function isPlain(name: string): boolean {
  return /^[\w.-]{1,200}$/.test(name) && !/^\.+$/.test(name);
}

function decoded(address: string): string {
  try {
    return decodeURIComponent(address);
  } catch {
    return address;
  }
}
