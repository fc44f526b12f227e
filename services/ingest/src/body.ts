import { promisify } from "node:util";
import { gunzip, inflate, zstdDecompress } from "node:zlib";
import { FirstfixError, messageOf } from "@firstfix/kit";
import { BOUNDS } from "./bounds.ts";
import type { Gate, Share } from "./budget.ts";

type Decompress = (body: Uint8Array, options: { readonly maxOutputLength: number }) => Promise<Buffer>;

const gunzipAsync: Decompress = promisify(gunzip);
const DECOMPRESSORS: ReadonlyMap<string, Decompress> = new Map<string, Decompress>([
  ["gzip", gunzipAsync],
  ["x-gzip", gunzipAsync],
  ["deflate", promisify(inflate)],
  ["zstd", promisify(zstdDecompress)],
]);

export interface BodyLimit {
  readonly bytesMax: number;
  /** What the sender or operator can do about it. */
  readonly limit: string;
}

/** For the Accept-Encoding of a refusal. */
export const ENCODINGS = "gzip, deflate, zstd, identity";

/**
 * The body of a request, decompressed. It is limited before and after decompression, and every byte of it is counted
 * in `share`. `limit` names the bound for the sender. Throws otlp.too_large, otlp.unsupported (encoding), otlp.malformed (broken compression), ingest.full.
 */
export async function readBody(request: Request, { bytesMax, limit }: BodyLimit, share: Share, gate: Gate): Promise<Uint8Array> {
  const encoding = (request.headers.get("content-encoding") ?? "identity").trim().toLowerCase();
  const decompress = DECOMPRESSORS.get(encoding);
  if (decompress === undefined && encoding !== "identity" && encoding !== "") {
    throw new FirstfixError("otlp.unsupported", `content-encoding ${JSON.stringify(encoding.slice(0, 40))} is not one of ${ENCODINGS}`);
  }
  const body = await read(request, { bytesMax, limit }, share);
  if (decompress === undefined) return body;
  const plain = await gate.run(async () => {
    try {
      return await decompress(body, { maxOutputLength: bytesMax });
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw tooLarge({ bytesMax, limit }, "decompressed ");
      throw new FirstfixError("otlp.malformed", `the body is not ${encoding}: ${messageOf(cause)}`, { cause });
    }
  });
  share.grow(plain.length);
  return plain;
}

/**
 * Bytes are counted as they come: what a client only announces takes no room from others. A small body may be read at
 * once, which costs less; the parser of HTTP holds it to its announced length.
 */
async function read(request: Request, limit: BodyLimit, share: Share): Promise<Uint8Array> {
  const announced = Number(request.headers.get("content-length") ?? NaN);
  if (announced > limit.bytesMax) throw tooLarge(limit, "");
  try {
    if (announced <= BOUNDS.smallBodyBytes) {
      share.grow(announced);
      return new Uint8Array(await request.arrayBuffer());
    }
    if (request.body === null) return new Uint8Array();
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of request.body) {
      bytes += chunk.length;
      if (bytes > limit.bytesMax) throw tooLarge(limit, "");
      share.grow(chunk.length);
      chunks.push(chunk);
    }
    return chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks, bytes);
  } catch (cause) {
    if (cause instanceof FirstfixError) throw cause;
    throw new FirstfixError("otlp.malformed", `the body did not come whole: ${messageOf(cause)}`, { cause });
  }
}

function tooLarge({ bytesMax, limit }: BodyLimit, what: string): FirstfixError {
  return new FirstfixError("otlp.too_large", `the ${what}body is larger than ${bytesMax} bytes`, { hint: limit });
}
