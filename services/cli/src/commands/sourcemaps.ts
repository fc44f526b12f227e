import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { debugIdIn, withoutContents } from "@firstfix/incident";
import { FirstfixError, loadConfig, messageOf, type Config } from "@firstfix/kit";
import { readFile, stat } from "node:fs/promises";
import { SOURCE_MAP_NAMES, type ListedMaps, type Uploaded } from "@firstfix/admin/operations";
import { findMaps, type MapFile } from "../source-maps.ts";
import { operate } from "../operations.ts";
import { configFile } from "../paths.ts";
import { jsonText, plural, size, visible } from "../terminal.ts";

/** Of one request; a single map may be larger. */
const MAPS_AT_ONCE = 100;
const CHARS_AT_ONCE = 8 * 1024 * 1024;
/** With the sources' text, which stays here. */
const FILE_BYTES_MAX = 256 * 1024 * 1024;

interface Common {
  readonly config?: string;
  readonly json?: boolean;
}

export interface UploadOptions extends Common {
  readonly service: string;
  readonly revision: string;
  readonly urlPrefix: string;
}

/** Uploads every source map of the folders and files, for one revision of one service. */
export async function upload(paths: readonly string[], { service, revision, urlPrefix, ...common }: UploadOptions): Promise<void> {
  refuse("--service", SOURCE_MAP_NAMES.service, service);
  refuse("--revision", SOURCE_MAP_NAMES.revision, revision);
  if (urlPrefix !== "") refuse("--url-prefix", SOURCE_MAP_NAMES.file, urlPrefix);
  const maps = await findMaps(paths, urlPrefix);
  if (maps.length === 0) throw new FirstfixError("not_found", `there is no source map in ${paths.join(", ")}`, { hint: "Give the folder that the bundler wrote (with .js.map files in it), and let it write them: build.sourcemap in Vite, devtool in webpack, --sourcemap in esbuild." });
  const config = read(common);
  const done: Uploaded["uploaded"][number][] = [];
  const failed: Uploaded["failed"][number][] = [];
  const send = async (some: readonly Packed[]): Promise<void> => {
    if (some.length === 0) return;
    const answer = await operate<Uploaded>(config, "sourceMaps.upload", { service, revision, maps: some });
    done.push(...answer.uploaded);
    failed.push(...answer.failed);
    if (common.json !== true) for (const one of answer.uploaded) console.log(`${visible(one.file)}  ${size(one.bytes)}`);
  };
  let waiting: Packed[] = [];
  for (const one of maps) {
    const packed = await pack(one).catch((error: unknown) => {
      // One that cannot be read or is no map keeps none of the others back; what has no code is a fault of ours.
      if (!(error instanceof Error && "code" in error)) throw error;
      failed.push({ file: one.file, says: messageOf(error) });
      return null;
    });
    if (packed === null) continue;
    if (waiting.length === MAPS_AT_ONCE || waiting.reduce((sum, other) => sum + other.map.length, packed.map.length) > CHARS_AT_ONCE) {
      await send(waiting);
      waiting = [];
    }
    waiting.push(packed);
  }
  await send(waiting);
  // A name below the prefix is no path: what was refused is found by the file that was read.
  const fileOf = new Map(maps.map(({ file, map }) => [file, map]));
  const refused = failed.map(({ file, says }) => ({ file, map: fileOf.get(file) ?? file, says }));
  if (common.json === true) console.log(jsonText({ uploaded: done, failed: refused }));
  else {
    for (const { map, says } of refused) console.error(`${visible(map)}: ${visible(says)}`);
    console.log(`${plural(done.length, "source map")} of ${visible(service)} at ${revision.slice(0, 12)} uploaded${failed.length === 0 ? "." : `, ${failed.length} refused.`}`);
  }
  if (failed.length > 0) process.exitCode = 1;
}

interface Packed {
  readonly file: string;
  readonly debugId: string;
  readonly map: string;
}

/** Without the sources' text, which is not needed and never leaves. */
async function pack({ file, map, generated }: MapFile): Promise<Packed> {
  const named = SOURCE_MAP_NAMES.file.safeParse(file);
  if (!named.success) throw new FirstfixError("bad_request", `its name is not taken; that is ${named.error.issues[0]?.message ?? "a path"}`);
  if ((await stat(map)).size > FILE_BYTES_MAX) throw new FirstfixError("bad_request", `it has more than ${size(FILE_BYTES_MAX)}`, { hint: "Upload the maps of what runs." });
  const lean = withoutContents(await readFile(map, "utf8"));
  const debugId = generated === null ? "" : debugIdIn(await readFile(generated, "utf8"));
  return { file, debugId, map: (await promisify(gzip)(lean)).toString("base64") };
}

export interface ListOptions extends Common {
  readonly service?: string;
  readonly revision?: string;
}

export async function list({ service, revision, ...common }: ListOptions): Promise<void> {
  if (service !== undefined) refuse("--service", SOURCE_MAP_NAMES.service, service);
  if (revision !== undefined) refuse("--revision", SOURCE_MAP_NAMES.revision, revision);
  const found = await operate<ListedMaps[]>(read(common), "sourceMaps.list", { ...(service === undefined ? {} : { service }), ...(revision === undefined ? {} : { revision }) });
  if (common.json === true) {
    console.log(jsonText(found));
    return;
  }
  for (const one of found) {
    console.log(`${visible(one.service)}  ${one.revision}  ${plural(one.files, "file")}  ${size(one.bytes)}  ${new Date(one.at).toISOString()}`);
    for (const name of one.names) console.log(`  ${visible(name)}`);
  }
  const asked = `${service === undefined ? "" : ` of ${service}`}${revision === undefined ? "" : ` at ${revision}`}`;
  if (found.length === 0) console.log(visible(`No source maps${asked} were uploaded.`));
}

/** Said before anything is read or sent, by the name that it was given. */
function refuse(option: string, names: (typeof SOURCE_MAP_NAMES)[keyof typeof SOURCE_MAP_NAMES], text: string): void {
  const checked = names.safeParse(text);
  if (checked.success) return;
  const hint = option === "--revision" ? 'Such as --revision "$(git rev-parse HEAD)".' : "firstfix sourcemaps --help shows what it takes.";
  throw new FirstfixError("bad_request", `${option} ${text} is not allowed: ${checked.error.issues[0]?.message ?? "it is malformed"}`, { hint });
}

function read({ config }: Common): Config {
  return loadConfig(configFile(config), process.env);
}
