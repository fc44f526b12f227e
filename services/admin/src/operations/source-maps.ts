import { gunzipSync } from "node:zlib";
import { readSourceMap, SOURCE_MAP_LIMITS, withoutContents } from "@firstfix/incident";
import { FirstfixError, messageOf } from "@firstfix/kit";
import { insertRows, literal, select } from "@firstfix/store";
import { z } from "zod";
import type { Operations } from "./api.ts";
import type { OperationRoom } from "./index.ts";
import { withInput } from "./input.ts";

/** Of one upload's body, which is one map: compressed and in base64. All other operations take far less. */
export const SOURCE_MAP_BODY_BYTES = 24 * 1024 * 1024;
export const SOURCE_MAP_UPLOAD = "sourceMaps.upload";

/** Of one deployment of a service. */
const FILES_MAX = 5_000;
const BYTES_MAX = 1024 * 1024 * 1024;
const LISTED_MAX = 1_000;

const name = z.string().min(1).max(200).regex(/^[^\p{Cc}\p{Cf}]+$/u, "a name without control characters");
const revision = z.string().regex(/^[0-9a-f]{7,64}$/, "a commit as the telemetry names it (vcs.ref.head.revision), hex digits");
const file = z.string().min(1).max(1_000).regex(/^[^\p{Cc}\p{Cf}\\]+$/u, "a path with / and without control characters").refine((path) => !path.split("/").includes(".."), "a path without ..");

const UPLOAD = z.strictObject({ service: name, revision, file, debugId: z.string().regex(/^(?:[0-9a-f-]{32,36})?$/).default(""), map: z.base64().max(SOURCE_MAP_BODY_BYTES) });
const LIST = z.strictObject({ service: name.optional(), revision: revision.optional() });

export interface UploadedMap {
  readonly file: string;
  readonly bytes: number;
  readonly sources: number;
  readonly debugId: string;
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

/** Source maps that a build uploads for what it deploys: one file a call, so that a large build is no large request. */
export function sourceMapOperations({ store }: OperationRoom): Operations {
  return {
    [SOURCE_MAP_UPLOAD]: withInput(UPLOAD, async (input): Promise<UploadedMap> => {
      const map = withoutContents(unpacked(input.map));
      const reader = readSourceMap(map);
      if (input.debugId !== "" && reader.debugId !== "" && input.debugId !== reader.debugId) throw new FirstfixError("bad_request", `the map of ${input.file} has another debug id than the file`, { hint: "Upload the maps of the very build that is deployed." });
      const where = `service = ${literal(input.service)} AND revision = ${literal(input.revision)} AND file != ${literal(input.file)}`;
      const [kept] = await select<{ files: number; bytes: number | bigint }>(store.background, `SELECT toUInt32(count()) AS files, sum(bytes) AS bytes FROM source_maps FINAL WHERE ${where}`);
      if ((kept?.files ?? 0) >= FILES_MAX || Number(kept?.bytes ?? 0) + map.length > BYTES_MAX) throw new FirstfixError("bad_request", `there are ${kept?.files ?? 0} source maps of this revision already`, { hint: `At most ${FILES_MAX} files and ${BYTES_MAX} bytes; upload those of what runs, not of every package.` });
      const debugId = reader.debugId || input.debugId;
      await insertRows(store.background, "source_maps", [{ service: input.service, revision: input.revision, file: input.file, debug_id: debugId, bytes: map.length, at: new Date(), map, version: BigInt(Date.now()) }]);
      return { file: input.file, bytes: map.length, sources: reader.sources.length, debugId };
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

function unpacked(map: string): string {
  try {
    return gunzipSync(Buffer.from(map, "base64"), { maxOutputLength: 2 * SOURCE_MAP_LIMITS.textBytes }).toString("utf8");
  } catch (cause) {
    throw new FirstfixError("bad_request", `the map cannot be unpacked: ${messageOf(cause)}`, { cause, hint: "map is base64 of the gzipped map." });
  }
}
