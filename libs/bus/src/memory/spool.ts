import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { writePieces } from "@firstfix/kit";
import type { Delivered } from "../api.ts";

/**
 * Batches that were handed over and are not decided, one file each, so that a process that was killed amid one hands
 * over the very same batch when it starts again.
 *
 *   name = topic "~" group "~" id ".batch"
 *   file = length of head (4 bytes, little-endian) · head · values, one after another
 *   head = JSON [ { offset, key?, headers?, bytes } … ]
 */
export class Spool {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Written under another name first, so that a file with the right name is whole. No fsync: what a power cut takes was promised to nobody. */
  async write(topic: string, group: string, id: bigint, records: readonly Delivered[]): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    const path = this.#path(topic, group, id);
    const head = Buffer.from(JSON.stringify(records.map(({ offset, key, headers, value }) => ({ offset: String(offset), key, headers, bytes: value.byteLength }))));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(head.byteLength);
    try {
      const file = await open(`${path}.new`, "w", 0o600);
      try {
        await writePieces(file, [length, head, ...records.map(({ value }) => value)]);
      } finally {
        await file.close();
      }
      await rename(`${path}.new`, path);
    } catch (error) {
      await rm(`${path}.new`, { force: true });
      throw error;
    }
  }

  async remove(topic: string, group: string, id: bigint): Promise<void> {
    await rm(this.#path(topic, group, id), { force: true });
  }

  /** Ids of what an earlier process left, in order; halves of files are cleared away. */
  async left(topic: string, group: string): Promise<bigint[]> {
    const prefix = `${topic}~${group}~`;
    const ids: bigint[] = [];
    for (const name of await readdir(this.#folder).catch(() => [])) {
      if (!name.startsWith(prefix)) continue;
      const id = /^(\d+)\.batch$/.exec(name.slice(prefix.length))?.[1];
      if (id === undefined) await rm(join(this.#folder, name), { force: true });
      else ids.push(BigInt(id));
    }
    return ids.toSorted((a, b) => (a < b ? -1 : 1));
  }

  /** Null when the file is not whole: then the power went while it was written, and nobody was promised anything. */
  async read(topic: string, group: string, id: bigint): Promise<Delivered[] | null> {
    const bytes = await readFile(this.#path(topic, group, id));
    try {
      const start = 4 + bytes.readUInt32LE(0);
      const head = JSON.parse(bytes.toString("utf8", 4, start)) as { readonly offset: string; readonly key?: string; readonly headers?: Record<string, string>; readonly bytes: number }[];
      let at = start;
      const records = head.map(({ offset, bytes: length, ...rest }) => ({ ...rest, offset: BigInt(offset), value: bytes.subarray(at, (at += length)) }));
      return at === bytes.byteLength ? records : null;
    } catch {
      return null;
    }
  }

  #path(topic: string, group: string, id: bigint): string {
    return join(this.#folder, `${topic}~${group}~${id}.batch`);
  }
}
