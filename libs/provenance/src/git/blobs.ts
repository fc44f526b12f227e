import type { Location } from "./locate.ts";
import { gitFailure } from "./run.ts";
import { streamGit } from "./stream.ts";

/**
 * Contents of many blobs from one git process, handed over one by one in the order of `ids`; holds one blob at a time.
 * Answer per id: `id SP "blob" SP size LF content LF`, or `id SP "missing" LF`. The process may run as long as it
 * delivers; `gitTimeoutMs` without a byte ends it.
 */
export async function readBlobs(at: Location, ids: readonly string[], take: (index: number, content: Buffer) => Promise<void> | void): Promise<void> {
  if (ids.length === 0) return;
  const args = ["cat-file", "--batch"];
  const answers = new Answers();
  let index = 0;
  await streamGit({
    at, args, input: `${ids.join("\n")}\n`,
    chunk: async (bytes) => {
      answers.push(bytes);
      for (let content = answers.next(); content !== null; content = answers.next()) {
        await take(index, content);
        index += 1;
      }
    },
  });
  if (index !== ids.length) throw gitFailure(args, `${index} of ${ids.length} objects could be read`);
}

class Answers {
  #chunks: Buffer[] = [];
  #size = 0;
  /** Bytes of the content being awaited; −1 while its header is. */
  #content = -1;

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
  }

  /** The next whole content, or null until more bytes arrive. */
  next(): Buffer | null {
    if (this.#content < 0) {
      if (this.#size === 0) return null;
      const all = this.#joined();
      const end = all.indexOf(0x0a);
      if (end < 0) return null;
      const match = /^[0-9a-f]+ blob (\d+)$/.exec(all.subarray(0, end).toString("latin1"));
      if (match === null) throw gitFailure(["cat-file"], "an object is missing or no blob");
      this.#replace(all.subarray(end + 1));
      this.#content = Number(match[1]);
    }
    if (this.#size < this.#content + 1) return null;
    const all = this.#joined();
    const content = all.subarray(0, this.#content);
    this.#replace(all.subarray(this.#content + 1));
    this.#content = -1;
    return content;
  }

  #joined(): Buffer {
    if (this.#chunks.length !== 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0] ?? Buffer.alloc(0);
  }

  #replace(rest: Buffer): void {
    this.#chunks = rest.length === 0 ? [] : [rest];
    this.#size = rest.length;
  }
}
