import { mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { writePieces } from "./files.ts";

it("writes all pieces in order, also more than the system takes at once, and empty ones", async () => {
  const folder = await mkdtemp(join(tmpdir(), "firstfix-kit-"));
  try {
    const pieces = Array.from({ length: 2500 }, (_, index) => Buffer.from(index % 7 === 0 ? "" : `${index},`));
    const file = await open(join(folder, "f"), "w");
    await writePieces(file, pieces);
    await writePieces(file, [Buffer.alloc(0)]);
    await file.close();
    expect((await readFile(join(folder, "f"))).equals(Buffer.concat(pieces))).toBe(true);
  } finally {
    await rm(folder, { recursive: true });
  }
});

it("goes on where the file took only a part", async () => {
  const written: Buffer[] = [];
  const handle = {
    writev: (pieces: readonly Uint8Array[]) => {
      written.push(Buffer.concat(pieces).subarray(0, 3));
      return Promise.resolve({ bytesWritten: 3 });
    },
    writeFile: (rest: Uint8Array) => Promise.resolve(void written.push(Buffer.from(rest))),
  };
  await writePieces(handle as unknown as Parameters<typeof writePieces>[0], [Buffer.from("ab"), Buffer.from("cdef")]);
  expect(Buffer.concat(written).toString()).toBe("abcdef");
});
