import type { Location } from "../git/locate.ts";
import { findObjects, readObjects, type Found } from "../git/objects.ts";

/** A text of the repository, or why it was not read. */
export type Text = { readonly id: string; readonly text: string } | { readonly id: string; readonly refused: string };

/** Texts held in memory at a time. */
const BATCH_BYTES = 16 * 1024 * 1024;

/**
 * The blobs under names such as `COMMIT:path`, in their order; null where there is none. The size is asked for first: a
 * note of a gigabyte costs its size in digits. What is longer than `bytesMax`, or would not fit into memory beside the
 * others, is refused with the reason.
 */
export async function readTexts(at: Location, names: readonly string[], bytesMax: number, what: string): Promise<readonly (Text | null)[]> {
  if (names.length === 0) return [];
  const found = await findObjects(at, names);
  let room = BATCH_BYTES;
  const wanted = new Map<string, Found>();
  for (const one of found) {
    if (one === null || one.type !== "blob" || one.size > bytesMax || wanted.has(one.id) || one.size > room) continue;
    wanted.set(one.id, one);
    room -= one.size;
  }
  const contents = await readObjects(at, [...wanted.values()]);
  return found.map((one) => (one === null || one.type !== "blob" ? null : textOf(one, contents.get(one.id), bytesMax, what)));
}

export function textOf(one: Found, content: Buffer | undefined, bytesMax: number, what: string): Text {
  if (one.size > bytesMax) return { id: one.id, refused: `${what} is longer than ${bytesMax} bytes (${one.size}): not read` };
  if (content === undefined) return { id: one.id, refused: `${what} of ${one.size} bytes is one of too many that are as long: not read` };
  return content.includes(0) ? { id: one.id, refused: `${what} is no text: not read` } : { id: one.id, text: content.toString("utf8") };
}
