import { promisify } from "node:util";
import { constants, gunzip, gunzipSync, inflate, inflateSync, zstdDecompress, zstdDecompressSync } from "node:zlib";
import { FirstfixError, messageOf } from "@firstfix/kit";
import { BOUNDS } from "./bounds.ts";
import { Gate, type Share } from "./budget.ts";

interface Options {
  readonly maxOutputLength: number;
  readonly params?: Readonly<Record<number, number>>;
}

interface Codec {
  readonly sync: (body: Uint8Array, options: Options) => Buffer;
  readonly async: (body: Uint8Array, options: Options) => Promise<Buffer>;
}

const GZIP: Codec = { sync: gunzipSync, async: promisify(gunzip) };
const CODECS: ReadonlyMap<string, Codec> = new Map<string, Codec>([
  ["gzip", GZIP],
  ["x-gzip", GZIP],
  ["deflate", { sync: inflateSync, async: promisify(inflate) }],
  ["zstd", { sync: zstdDecompressSync, async: promisify(zstdDecompress) }],
]);

/** For Accept-Encoding and grpc-accept-encoding. */
export const ENCODINGS = "gzip,deflate,zstd,identity";

export interface BodyLimit {
  readonly bytesMax: number;
  /** What the sender or operator can do about it. */
  readonly limit: string;
}

export interface Decompressor {
  /** Whether bodies of that encoding can be read; throws otlp.unsupported. */
  check(encoding: string): void;
  /** Throws otlp.too_large, otlp.malformed (broken compression), ingest.full. */
  run(encoding: string, body: Uint8Array, limit: BodyLimit, share: Share): Promise<Uint8Array>;
}

/** One for both protocols, so that the bound on decompressions at once is one. */
export function createDecompressor(): Decompressor {
  const gate = new Gate(BOUNDS.decompressionsAtOnce);
  return {
    check: (encoding) => {
      if (encoding !== "identity" && !CODECS.has(encoding)) throw new FirstfixError("otlp.unsupported", `the encoding ${JSON.stringify(encoding.slice(0, 40))} is not one of ${ENCODINGS}`);
    },
    run: async (encoding, body, limit, share) => {
      const codec = CODECS.get(encoding);
      if (codec === undefined) return body;
      const plain = small(codec, encoding, body, limit) ?? (await gate.run(() => large(codec, encoding, body, limit)));
      share.grow(plain.length);
      return plain;
    },
  };
}

/** Null where the body is, or turns out to be, too large to hold everybody else up for. */
function small(codec: Codec, encoding: string, body: Uint8Array, limit: BodyLimit): Buffer | null {
  if (body.length > BOUNDS.inlineCompressedBytes) return null;
  try {
    return codec.sync(body, options(encoding, Math.min(BOUNDS.inlineBytes, limit.bytesMax), limit));
  } catch (cause) {
    if (isTooLarge(cause)) return null;
    throw broken(encoding, cause);
  }
}

async function large(codec: Codec, encoding: string, body: Uint8Array, limit: BodyLimit): Promise<Buffer> {
  try {
    return await codec.async(body, options(encoding, limit.bytesMax, limit));
  } catch (cause) {
    throw isTooLarge(cause) ? tooLarge(limit, "decompressed ") : broken(encoding, cause);
  }
}

/** A zstd frame says how much memory its reader must have at hand: never more than a body may have. */
function options(encoding: string, maxOutputLength: number, { bytesMax }: BodyLimit): Options {
  if (encoding !== "zstd") return { maxOutputLength };
  return { maxOutputLength, params: { [constants.ZSTD_d_windowLogMax]: Math.max(23, Math.ceil(Math.log2(bytesMax))) } };
}

function isTooLarge(cause: unknown): boolean {
  return (cause as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE";
}

function broken(encoding: string, cause: unknown): FirstfixError {
  return new FirstfixError("otlp.malformed", `the body is not ${encoding}: ${messageOf(cause)}`, { cause });
}

export function tooLarge({ bytesMax, limit }: BodyLimit, what: string): FirstfixError {
  return new FirstfixError("otlp.too_large", `the ${what}body is larger than ${bytesMax} bytes`, { hint: limit });
}
