import { existsSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, join, relative, resolve, sep } from "node:path";
import { FirstfixError, messageOf } from "@firstfix/kit";

export interface MapFile {
  /** The generated file as stacks will name it, or its end. */
  readonly file: string;
  readonly map: string;
  /** The generated file beside the map, null where there is none. */
  readonly generated: string | null;
}

const FILES_MAX = 5_000;
const FOLDERS_MAX = 20_000;
const HINT = "Give the folder that the bundler wrote, or .js.map files, which you may read.";

/**
 * The source maps of scripts in folders (searched through) and files, named below the prefix: `~/static/` is any host's
 * /static/, an address counts without its host, and without a prefix the path below the folder is the name.
 */
export async function findMaps(paths: readonly string[], urlPrefix: string): Promise<MapFile[]> {
  const prefix = urlPrefix.replace(/^~(?=\/|$)/, "").replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, "").replace(/\/*$/, urlPrefix === "" ? "" : "/");
  const found: MapFile[] = [];
  const names = new Map<string, string>();
  for (const path of paths) {
    const at = await stat(path).catch((cause: unknown) => {
      throw new FirstfixError("not_found", `${path} cannot be read: ${messageOf(cause)}`, { cause, hint: HINT });
    });
    const isFolder = at.isDirectory();
    if (!isFolder && !at.isFile()) throw new FirstfixError("bad_request", `${path} is neither a folder nor a file`, { hint: HINT });
    for (const map of isFolder ? await mapsBelow(path) : [path]) {
      const generated = map.replace(/\.map$/, "");
      const name = (isFolder ? relative(path, generated) : basename(generated)).split(sep).join("/");
      const same = names.get(prefix + name);
      // One would silently take the place of the other.
      if (same !== undefined && resolve(same) !== resolve(map)) throw new FirstfixError("bad_request", `${same} and ${map} would both be the map of ${prefix + name}`, { hint: "Name the one folder that is deployed, or upload each with its own --url-prefix." });
      if (same !== undefined) continue;
      names.set(prefix + name, map);
      found.push({ file: prefix + name, map, generated: existsSync(generated) && generated !== map ? generated : null });
      if (found.length > FILES_MAX) throw new FirstfixError("bad_request", `there are more than ${FILES_MAX} source maps`, { hint: "Name the folder of what is deployed." });
    }
  }
  return found;
}

/** Maps of scripts only; packages are no code of the application. */
async function mapsBelow(folder: string): Promise<string[]> {
  const maps: string[] = [];
  const folders = [folder];
  for (let at = 0; at < folders.length; at++) {
    if (at === FOLDERS_MAX) throw new FirstfixError("bad_request", `${folder} holds more than ${FOLDERS_MAX} folders`, { hint: HINT });
    const here = folders[at] ?? "";
    const entries = await readdir(here, { withFileTypes: true }).catch((cause: unknown) => {
      throw new FirstfixError("not_found", `${here} cannot be read: ${messageOf(cause)}`, { cause, hint: HINT });
    });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (entry.isDirectory() && entry.name !== "node_modules" && entry.name !== ".git") folders.push(join(here, entry.name));
      else if (entry.isFile() && /\.(?:[cm]?js|jsx|bundle)\.map$/.test(entry.name)) maps.push(join(here, entry.name));
    }
  }
  return maps;
}
