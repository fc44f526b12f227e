import { readFileSync, writeFileSync } from "node:fs";
import { gunzipSync, gzipSync } from "node:zlib";

/** A file of messages: gzip over { length (4 bytes, big-endian), bytes }. */
export function readFrames(path: string): Uint8Array[] {
  const bytes = gunzipSync(readFileSync(path));
  const frames: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 4 + bytes.readUInt32BE(at);
    frames.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return frames;
}

export function writeFrames(path: string, frames: readonly Uint8Array[]): void {
  const parts = frames.flatMap((frame) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(frame.length);
    return [length, frame];
  });
  writeFileSync(path, gzipSync(Buffer.concat(parts), { level: 9 }));
}
