import { LIMITS } from "@firstfix/kit";
import type { Location } from "./locate.ts";
import { gitFailure, runGit } from "./run.ts";

/** What stands under a name such as `COMMIT:path`. */
export interface Found {
  readonly id: string;
  readonly type: string;
  readonly size: number;
}

/** Names that one git process is asked for. */
const NAMES_MAX = 20_000;

/** In the order of the names; null where there is no such object. Names hold no line breaks. */
export async function findObjects(at: Location, names: readonly string[]): Promise<readonly (Found | null)[]> {
  const found: (Found | null)[] = [];
  for (let from = 0; from < names.length; from += NAMES_MAX) {
    const input = names.slice(from, from + NAMES_MAX).map((name) => `${name}\n`).join("");
    const { stdout } = await runGit({ args: ["cat-file", "--batch-check=%(objectname) %(objecttype) %(objectsize)"], env: at.read, input });
    for (const line of stdout.toString("latin1").split("\n").slice(0, -1)) {
      const match = /^([0-9a-f]{40,64}) (\w+) (\d+)$/.exec(line);
      found.push(match === null ? null : { id: match[1] ?? "", type: match[2] ?? "", size: Number(match[3]) });
    }
  }
  if (found.length !== names.length) throw gitFailure(["cat-file"], `${found.length} answers to ${names.length} names`);
  return found;
}

/** Contents by id. The caller has looked at the sizes: together they are bounded, and no git process is given more than it may put out. */
export async function readObjects(at: Location, objects: readonly Found[]): Promise<ReadonlyMap<string, Buffer>> {
  const contents = new Map<string, Buffer>();
  const distinct = [...new Map(objects.map((one) => [one.id, one])).values()];
  for (let from = 0; from < distinct.length; ) {
    let [to, size] = [from, 0];
    while (to < distinct.length && (to === from || size + (distinct[to]?.size ?? 0) + 200 < LIMITS.gitOutputBytes)) size += (distinct[to++]?.size ?? 0) + 200;
    const input = distinct.slice(from, to).map(({ id }) => `${id}\n`).join("");
    const { stdout } = await runGit({ args: ["cat-file", "--batch"], env: at.read, input, bytesMax: Math.max(size, LIMITS.gitOutputBytes) });
    split(stdout, contents);
    from = to;
  }
  return contents;
}

/** The first bytes of an object that is too long to be read. */
export async function readBeginning(at: Location, id: string, bytes: number): Promise<Buffer> {
  const { stdout } = await runGit({ args: ["cat-file", "commit", id], env: at.read, bytesMax: bytes, truncate: true });
  return stdout;
}

/** `id SP type SP size LF content LF` each. */
function split(output: Buffer, contents: Map<string, Buffer>): void {
  for (let at = 0; at < output.length; ) {
    const end = output.indexOf(0x0a, at);
    const match = /^([0-9a-f]+) \w+ (\d+)$/.exec(output.toString("latin1", at, end < 0 ? output.length : end));
    if (end < 0 || match === null) throw gitFailure(["cat-file"], "an object cannot be read");
    const size = Number(match[2]);
    contents.set(match[1] ?? "", output.subarray(end + 1, end + 1 + size));
    at = end + size + 2;
  }
}
