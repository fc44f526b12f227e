import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { FirstfixError, messageOf, stableId } from "@firstfix/kit";
import { sameAddress } from "../address.ts";
import { readTextFile } from "../git/tree.ts";
import { locate } from "../git/locate.ts";
import { Repository } from "../repository.ts";
import { isDamaged } from "./damage.ts";
import { countObjects, fetchAll, fetchOne, initMirror, keep, lookAt, setHead, takeOver, tidy, type SourceRefs } from "./fetch.ts";
import { withLock } from "./lock.ts";
import type { FetchOptions } from "./network.ts";
import { readNote, writeNote, type MirrorNote } from "./note.ts";
import { parseSource, type Source } from "./source.ts";
import { BOUNDS } from "../limits.ts";

/** A repository by its name, and where it is fetched from. */
export interface Mirrored {
  readonly url: string;
  readonly source: string;
}

export interface MirrorStatus extends MirrorNote {
  readonly path: string;
  readonly bytes: number;
  readonly branches: number;
  readonly shallow: boolean;
  /** Paths of submodules at HEAD (bounded); they are not fetched. */
  readonly submodules: readonly string[];
  /** Branches of fixes that this mirror holds. */
  readonly fixes: readonly string[];
}

const FULL_ID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
const SUBMODULES_MAX = 100;

/**
 * The bare mirrors below one folder (`<data>/mirrors/<id>.git`, the id made from the address). Several processes may
 * share the folder: a fetch holds the mirror's lock, reading needs none. A mirror that stands there is whole, because
 * it is made beside and then renamed; a fetch moves refs only when their objects are there; nothing is ever dropped
 * but refs that the source dropped. One that git cannot read any more is made anew, and kept beside as `<id>.damaged`.
 */
export class Mirrors {
  readonly folder: string;
  readonly #opened = new Map<string, Repository>();

  constructor(dataFolder: string) {
    this.folder = join(dataFolder, "mirrors");
  }

  /** The mirror as it is, or null where there is none yet. */
  async open({ url, source }: Mirrored): Promise<Repository | null> {
    const path = this.#path(url);
    if (!(await isThere(path))) {
      this.#opened.delete(path);
      return null;
    }
    const known = this.#opened.get(path);
    if (known !== undefined) return known;
    const repository = new Repository({ ...(await locate(path)), source });
    this.#opened.set(path, repository);
    return repository;
  }

  /**
   * Makes the mirror, or fetches what is new. Safe to call from several processes at once: they wait for one another,
   * and who waited through a fetch takes its result. Throws bad_request for a source that is refused, else
   * repository.failed or conflict, both retryable, and leaves the mirror as it was.
   */
  async refresh(mirrored: Mirrored, options: FetchOptions = {}): Promise<Repository> {
    const source = parseSource(mirrored.source);
    const asked = Date.now();
    await mkdir(this.folder, { recursive: true });
    await withLock(this.#lock(mirrored.url), options.msMax ?? BOUNDS.fetchMs, () => this.#refreshLocked(mirrored, source, asked, options), options.signal);
    return (await this.open(mirrored)) as Repository;
  }

  /**
   * Fetches one commit that the mirror lacks after a refresh: a forced push may have left it without a branch. False
   * where the source does not give it.
   */
  async fetchCommit(mirrored: Mirrored, id: string, options: FetchOptions = {}): Promise<boolean> {
    const path = this.#path(mirrored.url);
    if (!FULL_ID.test(id) || !(await isThere(path))) return false;
    return withLock(this.#lock(mirrored.url), options.msMax ?? BOUNDS.fetchMs, () => fetchOne(path, parseSource(mirrored.source), id, options), options.signal);
  }

  /** Keeps a deployed revision readable whatever happens to its branch. */
  async keep({ url }: Pick<Mirrored, "url">, id: string): Promise<void> {
    if (FULL_ID.test(id)) await keep(this.#path(url), id);
  }

  /** Null where this folder has no mirror of it. */
  async status(mirrored: Mirrored): Promise<MirrorStatus | null> {
    const repository = await this.open(mirrored);
    if (repository === null) return null;
    const { path, location } = repository;
    const [note, counts, refs, shallow, modules] = await Promise.all([readNote(path), countObjects(path), repository.branches(), repository.isShallow(), readTextFile(location, "HEAD", ".gitmodules").catch(() => null)]);
    const submodules = [...(modules ?? "").matchAll(/^\s*path\s*=\s*(.{1,400})$/gm)].map((match) => (match[1] ?? "").trim()).slice(0, SUBMODULES_MAX);
    const fixes = refs.filter((branch) => branch.startsWith("firstfix/"));
    return { ...(note ?? { ...mirrored, fetchedAt: 0, failedAt: 0, failure: "" }), path, bytes: counts.bytes, branches: refs.length - fixes.length, shallow, submodules, fixes };
  }

  /** Drops the mirror with all that is only there. False where there was none. */
  async remove({ url }: Pick<Mirrored, "url">): Promise<boolean> {
    const path = this.#path(url);
    if (!(await isFolder(path))) return false;
    await withLock(this.#lock(url), BOUNDS.refsMs, async () => {
      await rm(this.#damaged(url), { recursive: true, force: true });
      const aside = join(this.folder, `.${this.#id(url)}.${process.pid}.part`);
      await rm(aside, { recursive: true, force: true });
      await rename(path, aside);
      await rm(aside, { recursive: true, force: true });
    });
    this.#opened.delete(path);
    return true;
  }

  async #refreshLocked(mirrored: Mirrored, source: Source, asked: number, options: FetchOptions): Promise<void> {
    const path = this.#path(mirrored.url);
    const there = await isThere(path);
    const note = there ? await readNote(path) : null;
    if (note !== null && note.fetchedAt > asked && note.source === mirrored.source) return;
    try {
      if (there) {
        const refs = await lookAt(path, source, options);
        await fetchAll(path, source, options);
        if (refs.defaultBranch !== null) await setHead(path, refs.defaultBranch);
        await tidy(path, source, options.signal);
      } else await this.#clone(mirrored, source, options);
    } catch (error) {
      if (there && (await isDamaged(path, error))) return this.#clone(mirrored, source, options);
      if (there) await writeNote(path, { ...mirrored, fetchedAt: note?.fetchedAt ?? 0, failedAt: Date.now(), failure: messageOf(error) }).catch(() => {});
      throw error;
    }
    await writeNote(path, { ...mirrored, fetchedAt: Date.now(), failedAt: 0, failure: "" });
  }

  async #clone(mirrored: Mirrored, source: Source, options: FetchOptions): Promise<void> {
    const id = this.#id(mirrored.url);
    // What a process that was killed had begun: git cannot go on with half a pack.
    for (const name of await readdir(this.folder)) if (name.startsWith(`.${id}.`)) await rm(join(this.folder, name), { recursive: true, force: true });
    const draft = join(this.folder, `.${id}.${process.pid}.part`);
    try {
      await initMirror(draft, "sha1");
      const refs: SourceRefs = await lookAt(draft, source, options);
      if (refs.format !== "sha1") {
        await rm(draft, { recursive: true, force: true });
        await initMirror(draft, refs.format);
      }
      await fetchAll(draft, source, options);
      if (refs.defaultBranch !== null) await setHead(draft, refs.defaultBranch);
      await writeNote(draft, { ...mirrored, fetchedAt: Date.now(), failedAt: 0, failure: "" });
      await this.#replace(mirrored.url, draft);
    } catch (error) {
      await rm(draft, { recursive: true, force: true });
      if (error instanceof FirstfixError) throw error;
      throw new FirstfixError("repository.failed", `The mirror of ${mirrored.url} could not be made: ${messageOf(error)}`, { cause: error, hint: "Check the rights and the free space of the data folder." });
    }
  }

  /** Puts a new mirror where there was none, or one that git cannot read. */
  async #replace(url: string, draft: string): Promise<void> {
    const path = this.#path(url);
    if (!(await isFolder(path))) return rename(draft, path);
    const damaged = this.#damaged(url);
    await takeOver(path, draft);
    await rm(damaged, { recursive: true, force: true });
    await rename(path, damaged);
    await rename(draft, path);
    this.#opened.delete(path);
  }

  #id(url: string): string {
    return stableId("repo", sameAddress(url));
  }

  #path(url: string): string {
    return join(this.folder, `${this.#id(url)}.git`);
  }

  #damaged(url: string): string {
    return join(this.folder, `${this.#id(url)}.damaged`);
  }

  #lock(url: string): string {
    return join(this.folder, `${this.#id(url)}.lock`);
  }
}

function isThere(path: string): Promise<boolean> {
  return isFolder(join(path, "objects"));
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then((one) => one.isDirectory(), () => false);
}
