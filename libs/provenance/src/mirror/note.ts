import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { FirstfixError } from "@firstfix/kit";

/** What is remembered beside a mirror, for people and other processes. */
export interface MirrorNote {
  readonly url: string;
  readonly source: string;
  /** Milliseconds since the epoch of the last fetch that worked; 0 for none. */
  readonly fetchedAt: number;
  readonly failedAt: number;
  /** Why the last fetch failed; "" where it did not. */
  readonly failure: string;
}

const NOTE_FILE = "firstfix.json";

export async function readNote(gitDir: string): Promise<MirrorNote | null> {
  try {
    const note = JSON.parse(await readFile(join(gitDir, NOTE_FILE), "utf8")) as Partial<MirrorNote>;
    return { url: "", source: "", fetchedAt: 0, failedAt: 0, failure: "", ...note };
  } catch {
    return null;
  }
}

export async function writeNote(gitDir: string, note: MirrorNote): Promise<void> {
  const draft = join(gitDir, `${NOTE_FILE}.${process.pid}`);
  try {
    await writeFile(draft, JSON.stringify(note));
    await rename(draft, join(gitDir, NOTE_FILE));
  } catch (cause) {
    throw new FirstfixError("repository.failed", `The mirror at ${gitDir} cannot be written to.`, { cause, hint: "Check the rights and the free space of the data folder." });
  }
}
