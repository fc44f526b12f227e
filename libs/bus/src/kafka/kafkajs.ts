import { createRequire } from "node:module";
import { promisify } from "node:util";
import { constants, zstdCompress, zstdDecompress } from "node:zlib";
import { crc32c } from "./crc32c.ts";
import { unpackLz4, unpackSnappy } from "./unpack.ts";

/** What a compressed batch may unfold to. */
const UNFOLDED_BYTES_MAX = 256 * 1024 * 1024;

const load = createRequire(import.meta.url);

// Byte by byte kafkajs's own checksum takes half of the time of an append. It has to be replaced before it is loaded by others.
const checksum = load.resolve("kafkajs/src/protocol/recordBatch/crc32C");
load(checksum);
const loaded = load.cache[checksum];
if (loaded !== undefined) loaded.exports = crc32c;

/** kafkajs 2.2.4, the last there is, with what it lacks put in from outside. Only this file imports it. */
export const kafkajs = load("kafkajs") as typeof import("kafkajs");

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);
kafkajs.CompressionCodecs[kafkajs.CompressionTypes.ZSTD] = () => ({
  compress: ({ buffer }: { readonly buffer: Buffer }) => compress(buffer, { params: { [constants.ZSTD_c_compressionLevel]: 1 } }),
  decompress: (buffer: Buffer) => decompress(buffer, { maxOutputLength: UNFOLDED_BYTES_MAX }),
});
for (const [type, unpack] of [[kafkajs.CompressionTypes.Snappy, unpackSnappy], [kafkajs.CompressionTypes.LZ4, unpackLz4]] as const) {
  kafkajs.CompressionCodecs[type] = () => ({
    compress: () => Promise.reject(new Error("Firstfix reads Snappy and LZ4 but does not write them")),
    decompress: (buffer: Buffer) => Promise.resolve(unpack(buffer, UNFOLDED_BYTES_MAX)),
  });
}

interface RequestQueue {
  throttledUntil: number;
  readonly pending: readonly unknown[];
  waitForPendingRequests: (this: RequestQueue) => Promise<void>;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  scheduleCheckPendingRequests(): void;
  checkPendingRequests(): void;
}

// It sets a timer for every request, to a time before now where nothing throttles it: Node warns of that, and it fires in
// vain. Here a timer is set only where something waits for it.
const { prototype } = load("kafkajs/src/network/requestQueue") as { readonly prototype: RequestQueue };
prototype.scheduleCheckPendingRequests = function schedule(this: RequestQueue): void {
  if (this.throttleCheckTimeoutId !== null || this.pending.length === 0) return;
  this.throttleCheckTimeoutId = setTimeout(() => {
    this.throttleCheckTimeoutId = null;
    this.checkPendingRequests();
  }, Math.max(this.throttledUntil - Date.now(), 10));
};

// Where a broker is lost, each request that fails disconnects it, and each of them waits with a listener of its own: Node
// takes the eleventh for a leak and warns. Here all who wait for a queue wait together.
const waitForOne = prototype.waitForPendingRequests;
const waiting = new WeakMap<RequestQueue, Promise<void>>();
prototype.waitForPendingRequests = function wait(this: RequestQueue): Promise<void> {
  const known = waiting.get(this) ?? waitForOne.call(this).finally(() => waiting.delete(this));
  waiting.set(this, known);
  return known;
};
