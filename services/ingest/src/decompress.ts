import { promisify } from "node:util";
import { constants, gunzip, gunzipSync, inflate, inflateSync, zstdDecompress, zstdDecompressSync } from "node:zlib";
import { FirstfixError, messageOf } from "@firstfix/kit";
import { BOUNDS } from "./bounds.ts";
import { Gate, type Share } from "./budget.ts";

interface Options {
  readonly maxOutputLength: number;
  readonly params?: Readonly<Record<number, number>>;
}

/** With `info`, zlib also tells how much of the input it took. */
interface Taken {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}

interface Codec {
  readonly sync: (body: Uint8Array, options: Options) => Taken;
  readonly async: (body: Uint8Array, options: Options) => Promise<Taken>;
}

type Sync = (body: Uint8Array, options: Options & { readonly info: true }) => unknown;
type Async = (body: Uint8Array, options: Options & { readonly info: true }, done: (error: Error | null, result: unknown) => void) => void;

/** The types of Node leave `info` out. */
function codecOf(sync: Sync, async: Async): Codec {
  const later = promisify(async);
  return { sync: (body, options) => sync(body, { ...options, info: true }) as Taken, async: async (body, options) => (await later(body, { ...options, info: true })) as Taken };
}

const GZIP = codecOf(gunzipSync, gunzip);
const CODECS: ReadonlyMap<string, Codec> = new Map<string, Codec>([
  ["gzip", GZIP],
  ["x-gzip", GZIP],
  ["deflate", codecOf(inflateSync, inflate)],
  ["zstd", codecOf(zstdDecompressSync, zstdDecompress)],
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
    return wholly(body, codec.sync(body, options(encoding, Math.min(BOUNDS.inlineBytes, limit.bytesMax), limit)));
  } catch (cause) {
    if (isTooLarge(cause)) return null;
    throw broken(encoding, cause);
  }
}

async function large(codec: Codec, encoding: string, body: Uint8Array, limit: BodyLimit): Promise<Buffer> {
  try {
    return wholly(body, await codec.async(body, options(encoding, limit.bytesMax, limit)));
  } catch (cause) {
    throw isTooLarge(cause) ? tooLarge(limit, "decompressed ") : broken(encoding, cause);
  }
}

/** What stands behind the end of the compressed stream would be dropped without a word, and with it telemetry. */
function wholly(body: Uint8Array, { buffer, engine }: Taken): Buffer {
  if (engine.bytesWritten < body.length) throw new Error(`${body.length - engine.bytesWritten} bytes stand behind its end`);
  return buffer;
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
