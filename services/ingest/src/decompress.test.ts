import { constants, createZstdCompress, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { BOUNDS } from "./bounds.ts";
import { Budget } from "./budget.ts";
import { createDecompressor } from "./decompress.ts";

const decompressor = createDecompressor();
const limit = { bytesMax: 4 * 1024 * 1024, limit: "do less" };
const run = (encoding: string, body: Uint8Array, budget = new Budget(1e9, 100)) => decompressor.run(encoding, body, limit, budget.share());

describe.each([
  ["gzip", gzipSync],
  ["x-gzip", gzipSync],
  ["deflate", deflateSync],
  ["zstd", zstdCompressSync],
] as const)("%s", (encoding, compress) => {
  it.each([0, 1, 1000, BOUNDS.inlineBytes, BOUNDS.inlineBytes + 1, limit.bytesMax])("gives %i bytes back", async (bytes) => {
    const body = Buffer.alloc(bytes, "firstfix ");
    expect(Buffer.from(await run(encoding, compress(body))).equals(body)).toBe(true);
  });

  it("gives back what hardly shrinks", async () => {
    const body = crypto.getRandomValues(new Uint8Array(60_000));
    expect(Buffer.from(await run(encoding, compress(body))).equals(body)).toBe(true);
  });

  it("refuses what grows beyond the limit, and what is broken", async () => {
    await expect(run(encoding, compress(Buffer.alloc(limit.bytesMax + 1)))).rejects.toMatchObject({ code: "otlp.too_large" });
    await expect(run(encoding, Buffer.from("neither of them"))).rejects.toMatchObject({ code: "otlp.malformed" });
    await expect(run(encoding, compress(Buffer.alloc(5000, "x")).subarray(0, -8))).rejects.toMatchObject({ code: "otlp.malformed" });
  });

  it("counts what came out", async () => {
    await expect(run(encoding, compress(Buffer.alloc(100_000)), new Budget(50_000, 100))).rejects.toMatchObject({ code: "ingest.full" });
  });
});

it("refuses a zstd frame that wants more memory than a body may have, and takes the common ones", async () => {
  // The size is not known ahead, so the frame keeps the window that it was made with.
  const packed = async (windowLog: number): Promise<Buffer> => {
    const stream = createZstdCompress({ params: { [constants.ZSTD_c_windowLog]: windowLog } });
    stream.write("first");
    stream.flush(() => stream.end("second"));
    return Buffer.concat(await stream.toArray() as Buffer[]);
  };
  await expect(run("zstd", await packed(27))).rejects.toMatchObject({ code: "otlp.malformed" });
  expect(Buffer.from(await run("zstd", await packed(23))).toString()).toBe("firstsecond");
});
