import { promisify } from "node:util";
import { gunzip, inflate, zstdDecompress } from "node:zlib";
import { FirstfixError, messageOf } from "@firstfix/kit";
import type { Gate, Share } from "./budget.ts";

type Decompress = (body: Uint8Array, options: { readonly maxOutputLength: number }) => Promise<Buffer>;

const gunzipAsync: Decompress = promisify(gunzip);
const DECOMPRESSORS: Readonly<Record<string, Decompress>> = { gzip: gunzipAsync, "x-gzip": gunzipAsync, deflate: promisify(inflate), zstd: promisify(zstdDecompress) };

/** For the Accept-Encoding of a refusal. */
export const ENCODINGS = "gzip, deflate, zstd, identity";

/**
 * The body of a request, decompressed. It is limited before and after decompression, and every byte of it is counted
 * in `share`. Throws otlp.too_large, otlp.unsupported (encoding), otlp.malformed (broken compression), ingest.full.
 */
export async function readBody(request: Request, bytesMax: number, share: Share, gate: Gate): Promise<Uint8Array> {
  const encoding = (request.headers.get("content-encoding") ?? "identity").trim().toLowerCase();
  const decompress = DECOMPRESSORS[encoding];
  if (decompress === undefined && encoding !== "identity" && encoding !== "") {
    throw new FirstfixError("otlp.unsupported", `content-encoding ${JSON.stringify(encoding.slice(0, 40))} is not one of ${ENCODINGS}`);
  }
  const body = await read(request, bytesMax, share);
  if (decompress === undefined) return body;
  const plain = await gate.run(async () => {
    try {
      return await decompress(body, { maxOutputLength: bytesMax });
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw tooLarge(bytesMax, "decompressed ");
      throw new FirstfixError("otlp.malformed", `the body is not ${encoding}: ${messageOf(cause)}`, { cause });
    }
  });
  share.grow(plain.length);
  return plain;
}

async function read(request: Request, bytesMax: number, share: Share): Promise<Uint8Array> {
  const announced = request.headers.get("content-length");
  if (announced !== null) {
    if (Number(announced) > bytesMax) throw tooLarge(bytesMax, "");
    share.grow(Number(announced));
    // The parser of HTTP holds the body to its announced length, so it may be read at once, which costs far less.
    return new Uint8Array(await request.arrayBuffer());
  }
  if (request.body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body) {
    bytes += chunk.length;
    if (bytes > bytesMax) throw tooLarge(bytesMax, "");
    share.grow(chunk.length);
    chunks.push(chunk);
  }
  return chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks, bytes);
}

function tooLarge(bytesMax: number, what: string): FirstfixError {
  return new FirstfixError("otlp.too_large", `the ${what}body is larger than ${bytesMax} bytes`, { hint: "Send smaller batches, or raise ingest.bodyBytesMax." });
}
