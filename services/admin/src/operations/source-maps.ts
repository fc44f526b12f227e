import { gunzipSync } from "node:zlib";
import { readSourceMap, SOURCE_MAP_LIMITS, withoutContents } from "@firstfix/incident";
import { FirstfixError, messageOf } from "@firstfix/kit";
import { insertRows, literal, select } from "@firstfix/store";
import { z } from "zod";
import type { Operations } from "./api.ts";
import type { OperationRoom } from "./room.ts";
import { withInput } from "./input.ts";

/** Of one upload's body: some maps, compressed and in base64. All other operations take far less. */
export const SOURCE_MAP_BODY_BYTES = 24 * 1024 * 1024;
export const SOURCE_MAP_UPLOAD = "sourceMaps.upload";
/** Of one upload. */
const MAPS_MAX = 100;

/** Of one deployment of a service. */
const FILES_MAX = 5_000;
const BYTES_MAX = 1024 * 1024 * 1024;
const LISTED_MAX = 1_000;

const name = z.string().min(1).max(200).regex(/^[^\p{Cc}\p{Cf}]+$/u, "a name without control characters");
const revision = z.string().regex(/^[0-9a-f]{7,64}$/, "a commit as the telemetry names it (vcs.ref.head.revision), hex digits");
const file = z.string().min(1).max(1_000).regex(/^[^\p{Cc}\p{Cf}\\]+$/u, "a path with / and without control characters").refine((path) => !path.split("/").includes(".."), "a path without ..");

/** What an upload names things by, for whoever checks before the work begins. */
export const SOURCE_MAP_NAMES = { service: name, revision, file } as const;

const MAP = z.strictObject({ file, debugId: z.string().regex(/^(?:[0-9a-f-]{32,36})?$/).default(""), map: z.string().min(1).max(SOURCE_MAP_BODY_BYTES) });
const UPLOAD = z.strictObject({ service: name, revision, maps: z.array(MAP).min(1).max(MAPS_MAX) });
const LIST = z.strictObject({ service: name.optional(), revision: revision.optional() });

export interface UploadedMap {
  readonly file: string;
  readonly bytes: number;
  readonly sources: number;
  readonly debugId: string;
}

export interface Uploaded {
  readonly uploaded: readonly UploadedMap[];
  /** Those that are no source maps, or not of this build. The others are kept all the same. */
  readonly failed: readonly { readonly file: string; readonly says: string }[];
}

export interface ListedMaps {
  readonly service: string;
  readonly revision: string;
  readonly files: number;
  readonly bytes: number;
  readonly at: number;
  /** Only where service and revision are given. */
  readonly names: readonly string[];
}

/** Source maps that a build uploads for what it deploys: some a call, so that a large build is no large request. */
export function sourceMapOperations({ store }: OperationRoom): Operations {
  return {
    [SOURCE_MAP_UPLOAD]: withInput(UPLOAD, async ({ service, revision: of, maps }): Promise<Uploaded> => {
      const rows: { file: string; debug_id: string; map: string; sources: number }[] = [];
      const failed: { file: string; says: string }[] = [];
      for (const one of maps) {
        try {
          rows.push(readRow(one));
        } catch (error) {
          failed.push({ file: one.file, says: messageOf(error) });
        }
      }
      const where = `service = ${literal(service)} AND revision = ${literal(of)} AND file NOT IN ${literal(rows.map((row) => row.file))}`;
      const [kept] = await select<{ files: number; bytes: number | bigint }>(store.background, `SELECT toUInt32(count()) AS files, sum(bytes) AS bytes FROM source_maps FINAL WHERE ${where}`);
      const bytes = rows.reduce((sum, row) => sum + row.map.length, Number(kept?.bytes ?? 0));
      if ((kept?.files ?? 0) + rows.length > FILES_MAX || bytes > BYTES_MAX) throw new FirstfixError("bad_request", `there are ${kept?.files ?? 0} source maps of this revision already`, { hint: `At most ${FILES_MAX} files and ${BYTES_MAX} bytes; upload those of what runs, not of every package.` });
      const version = BigInt(Date.now());
      await insertRows(store.background, "source_maps", rows.map(({ sources: _sources, ...row }) => ({ ...row, service, revision: of, bytes: row.map.length, at: new Date(), version })));
      return { uploaded: rows.map((row) => ({ file: row.file, bytes: row.map.length, sources: row.sources, debugId: row.debug_id })), failed };
    }),
    "sourceMaps.list": withInput(LIST, async ({ service, revision: of }): Promise<ListedMaps[]> => {
      const where = [...(service === undefined ? [] : [`service = ${literal(service)}`]), ...(of === undefined ? [] : [`revision = ${literal(of)}`])];
      const names = service === undefined || of === undefined ? "[]" : `arraySort(groupArray(${LISTED_MAX})(file))`;
      const rows = await select<Omit<ListedMaps, "bytes"> & { readonly bytes: number | bigint }>(
        store.interactive,
        `SELECT toString(service) AS service, revision, toUInt32(count()) AS files, sum(bytes) AS bytes, toUnixTimestamp64Milli(max(at)) AS at, ${names} AS names
         FROM source_maps FINAL${where.length === 0 ? "" : ` WHERE ${where.join(" AND ")}`} GROUP BY service, revision ORDER BY at DESC LIMIT ${LISTED_MAX}`,
      );
      return rows.map((row) => ({ ...row, bytes: Number(row.bytes) }));
    }),
  };
}

function readRow({ file: name, debugId, map: packed }: z.infer<typeof MAP>): { file: string; debug_id: string; map: string; sources: number } {
  const map = withoutContents(unpacked(packed));
  const reader = readSourceMap(map);
  if (debugId !== "" && reader.debugId !== "" && debugId !== reader.debugId) throw new FirstfixError("bad_request", `the map of ${name} has another debug id than the file`, { hint: "Upload the maps of the very build that is deployed." });
  return { file: name, debug_id: reader.debugId || debugId, map, sources: reader.sources.length };
}

function unpacked(map: string): string {
  try {
    return gunzipSync(Buffer.from(map, "base64"), { maxOutputLength: 2 * SOURCE_MAP_LIMITS.textBytes }).toString("utf8");
  } catch (cause) {
    throw new FirstfixError("bad_request", `the map cannot be unpacked: ${messageOf(cause)}`, { cause, hint: "map is base64 of the gzipped map." });
  }
}
