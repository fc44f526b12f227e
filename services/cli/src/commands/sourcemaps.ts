import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { debugIdIn, withoutContents } from "@firstfix/incident";
import { FirstfixError, loadConfig, messageOf, type Config } from "@firstfix/kit";
import { readFile } from "node:fs/promises";
import type { ListedMaps, UploadedMap } from "@firstfix/admin/operations";
import { findMaps } from "../source-maps.ts";
import { operate } from "../operations.ts";
import { configFile } from "../paths.ts";
import { size, visible } from "../terminal.ts";

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
  const config = read(common);
  const maps = await findMaps(paths, urlPrefix);
  if (maps.length === 0) throw new FirstfixError("not_found", `there is no source map in ${paths.join(", ")}`, { hint: "Give the folder that the bundler wrote (with .js.map files in it)." });
  const done: UploadedMap[] = [];
  const failed: { file: string; says: string }[] = [];
  for (const { file, map, generated } of maps) {
    try {
      const lean = withoutContents(await readFile(map, "utf8"));
      const debugId = generated === null ? "" : debugIdIn(await readFile(generated, "utf8"));
      const packed = (await promisify(gzip)(lean)).toString("base64");
      done.push(await operate<UploadedMap>(config, "sourceMaps.upload", { service, revision, file, debugId, map: packed }));
      if (common.json !== true) console.log(`${visible(file)}  ${size(lean.length)}`);
    } catch (error) {
      if (!(error instanceof FirstfixError) || error.code !== "bad_request") throw error;
      failed.push({ file, says: messageOf(error) });
    }
  }
  if (common.json === true) console.log(JSON.stringify({ uploaded: done, failed }, null, 2));
  else {
    for (const { file, says } of failed) console.error(`${visible(file)}: ${visible(says)}`);
    console.log(`${done.length} source maps of ${visible(service)} at ${revision.slice(0, 12)} uploaded${failed.length === 0 ? "." : `, ${failed.length} refused.`}`);
  }
  if (failed.length > 0) process.exitCode = 1;
}

export interface ListOptions extends Common {
  readonly service?: string;
  readonly revision?: string;
}

export async function list({ service, revision, ...common }: ListOptions): Promise<void> {
  const found = await operate<ListedMaps[]>(read(common), "sourceMaps.list", { ...(service === undefined ? {} : { service }), ...(revision === undefined ? {} : { revision }) });
  if (common.json === true) {
    console.log(JSON.stringify(found, null, 2));
    return;
  }
  for (const one of found) {
    console.log(`${visible(one.service)}  ${one.revision}  ${one.files} files  ${size(one.bytes)}  ${new Date(one.at).toISOString()}`);
    for (const name of one.names) console.log(`  ${visible(name)}`);
  }
  if (found.length === 0) console.log("No source maps were uploaded.");
}

function read({ config }: Common): Config {
  return loadConfig(configFile(config), process.env);
}
