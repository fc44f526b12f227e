import type { FileHandle } from "node:fs/promises";

/** The system takes so many pieces at once. */
const PIECES_MAX = 1024;

/** Writes pieces one after another without putting them together in memory first. Throws what the file system throws. */
export async function writePieces(file: FileHandle, pieces: readonly Uint8Array[]): Promise<void> {
  for (let from = 0; from < pieces.length; from += PIECES_MAX) {
    const some = pieces.slice(from, from + PIECES_MAX);
    const total = some.reduce((sum, piece) => sum + piece.byteLength, 0);
    if (total === 0) continue;
    const { bytesWritten } = await file.writev(some);
    // A file system that is nearly full takes a part; what is left then fails, or fits after all.
    if (bytesWritten < total) await file.writeFile(Buffer.concat(some).subarray(bytesWritten));
  }
}
