import { FirstfixError, messageOf, type Logger, type RepositoryConfig } from "@firstfix/kit";
import { sameAddress, withoutCredentials } from "../address.ts";
import type { FileCommit } from "../git/write.ts";
import { openRepository, type Repository } from "../repository.ts";
import { BOUNDS } from "../limits.ts";
import { Mirrors } from "./mirrors.ts";
import { publish } from "./publish.ts";

/** A repository that was added by hand, as the journal keeps it. */
export interface RecordedRepository {
  readonly url: string;
  readonly source: string;
  readonly push: boolean;
  readonly environments: readonly string[];
  readonly dependencies: readonly string[];
}

/** A repository that Firstfix may read: a clone that the configuration names, or a mirror of its own. */
export interface Place extends RecordedRepository {
  /** The clone's path; null for a mirror. */
  readonly path: string | null;
}

export interface PlacesOptions {
  readonly configured: readonly RepositoryConfig[];
  readonly dataFolder: string;
  /** The repositories of the journal, by address; asked anew each time. */
  readonly recorded: () => ReadonlyMap<string, RecordedRepository>;
  readonly log?: Pick<Logger, "info" | "warn">;
  /** Pauses, for tests. */
  readonly missingPauseMs?: number;
  readonly waitMs?: number;
}

export interface Committed {
  readonly commit: string;
  /** Where the branch is, and how it is got, for a person. */
  readonly says: string;
}

/**
 * All repositories of this process, whoever named them. The configuration goes before the journal. Mirrors are made when
 * they are first needed, so every role of a distributed Firstfix gets its own.
 */
export class Places {
  readonly mirrors: Mirrors;
  readonly #options: PlacesOptions;
  readonly #configured: ReadonlyMap<string, RepositoryConfig>;
  /** Fetches under way, by address: whoever needs one of them shares it. */
  readonly #fetching = new Map<string, { readonly done: Promise<Repository>; readonly since: number }>();
  /** Why a mirror could not be made, by its source: it is not tried for every mention. */
  readonly #failed = new Map<string, { readonly error: unknown; readonly at: number }>();
  /** When a revision that was missing last made us fetch: telemetry can name any number of them. */
  readonly #asked = new Map<string, number>();
  readonly #kept = new Set<string>();
  readonly #stop = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: PlacesOptions) {
    this.#options = options;
    this.mirrors = new Mirrors(options.dataFolder);
    this.#configured = new Map(options.configured.map((one) => [sameAddress(one.url), one]));
  }

  find(url: string): Place | null {
    const name = sameAddress(url);
    const configured = this.#configured.get(name);
    if (configured !== undefined) return { ...configured, source: configured.path, push: false };
    const recorded = this.#options.recorded().get(name);
    return recorded === undefined ? null : { ...recorded, path: null };
  }

  /**
   * The repository, with the revision in it. A mirror that is missing, or lacks the revision, is fetched: at most once
   * in a while, and waited for a short time only, for rounds must go on; the fetch goes on by itself. Throws
   * repository.missing, .shallow, .revision_missing or .failed with a hint.
   */
  async open(url: string, revision: string): Promise<Repository> {
    const place = this.find(url);
    if (place === null) throw new FirstfixError("repository.missing", `Firstfix knows no repository ${url === "" ? "(the telemetry names none)" : withoutCredentials(url)}.`, { hint: `Add it: firstfix repo add <folder or address>${url === "" ? "" : ` --url ${withoutCredentials(url)}`}` });
    if (place.path !== null) return openRepository(place.path);
    const repository = (await this.mirrors.open(place)) ?? (await this.#first(place));
    if (!(await repository.hasRevision(revision))) await this.#miss(place, repository, revision);
    await this.#keep(place, repository, revision);
    return repository;
  }

  /** Fetches what is new in every mirror that is not being fetched. A source that is away is told and tried again the next time. */
  async refreshAll(): Promise<void> {
    const tell = (url: string, error: unknown): void => {
      if (!this.#stop.signal.aborted) this.#options.log?.warn({ repository: url, error: messageOf(error) }, "a repository could not be fetched; it is tried again");
    };
    await Promise.all(this.#mirrored().filter((place) => !this.#fetching.has(place.url)).map((place) => this.#refresh(place).catch((error: unknown) => tell(place.url, error))));
  }

  /** Does that again and again, at times of its own so that many Firstfixes do not ask a server at the same moment. */
  keepFresh(pauseMs: number): void {
    const next = (): void => {
      this.#timer = setTimeout(() => {
        void this.refreshAll();
        next();
      }, pauseMs * (0.8 + Math.random() * 0.4));
      this.#timer.unref();
    };
    next();
  }

  /** Commits a fix on its branch: in the clone, or in the mirror and, where that was asked for, at its source. */
  async commit(url: string, commit: FileCommit): Promise<Committed> {
    const place = this.find(url);
    if (place === null) throw new FirstfixError("repository.missing", `Firstfix knows no repository ${withoutCredentials(url)} any more.`, { hint: "Add it again: firstfix repo add" });
    const repository = await this.open(url, commit.base);
    if (place.path === null && place.push) {
      const id = await publish(repository.location, place.source, commit, { signal: this.#stop.signal });
      return { commit: id, says: `Pushed to ${place.source} as ${commit.branch}.` };
    }
    const id = await repository.commitFiles(commit);
    const from = place.path === null ? "Not pushed (the repository was added without --push)" : "Committed in the local clone";
    return { commit: id, says: `${from}. To fetch it: git fetch ${repository.path} ${commit.branch}:${commit.branch}` };
  }

  /** Stops fetches that nobody will wait for. */
  async close(): Promise<void> {
    this.#stop.abort();
    clearTimeout(this.#timer);
    await Promise.allSettled([...this.#fetching.values()].map((one) => one.done));
  }

  #mirrored(): Place[] {
    return [...this.#options.recorded().keys()].flatMap((url) => this.find(url) ?? []).filter((place) => place.path === null);
  }

  get #pauseMs(): number {
    return this.#options.missingPauseMs ?? BOUNDS.missingPauseMs;
  }

  async #first(place: Place): Promise<Repository> {
    const failed = this.#failed.get(sourceKey(place));
    if (failed !== undefined && Date.now() - failed.at < this.#pauseMs) throw failed.error;
    const done = this.#refresh(place);
    return this.#within(done, this.#fetching.get(place.url)?.since ?? Date.now(), place);
  }

  async #miss(place: Place, repository: Repository, revision: string): Promise<void> {
    const now = Date.now();
    if (now - (this.#asked.get(place.url) ?? 0) >= this.#pauseMs) {
      this.#asked.set(place.url, now);
      await this.#within(this.#fetchFor(place, repository, revision), now, place);
    }
    // Throws what is to be said where it still is not there.
    await repository.commit(revision);
  }

  async #fetchFor(place: Place, repository: Repository, revision: string): Promise<Repository> {
    await this.#refresh(place);
    if (!(await repository.hasRevision(revision))) await this.mirrors.fetchCommit(place, revision, { signal: this.#stop.signal });
    return repository;
  }

  #refresh(place: Place): Promise<Repository> {
    const under = this.#fetching.get(place.url);
    if (under !== undefined) return under.done;
    const done = this.mirrors.refresh(place, { signal: this.#stop.signal }).then(
      (repository) => {
        this.#failed.delete(sourceKey(place));
        return repository;
      },
      (error: unknown) => {
        if (this.#failed.size >= BOUNDS.keptRemembered) this.#failed.clear();
        this.#failed.set(sourceKey(place), { error, at: Date.now() });
        throw error;
      },
    ).finally(() => this.#fetching.delete(place.url));
    this.#fetching.set(place.url, { done, since: Date.now() });
    return done;
  }

  /** However many wait for one fetch, one after another: together they wait no longer. */
  async #within(fetching: Promise<Repository>, since: number, { source }: Place): Promise<Repository> {
    fetching.catch(() => {}); // told by who waits, or by the next who needs it
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const left = since + (this.#options.waitMs ?? BOUNDS.fetchWaitMs) - Date.now();
      timer = setTimeout(() => reject(new FirstfixError("repository.failed", `${source} is still being fetched.`, { retryable: true, hint: "It is tried again by itself." })), Math.max(0, left));
    });
    try {
      return await Promise.race([fetching, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #keep(place: Place, repository: Repository, revision: string): Promise<void> {
    const key = `${place.url} ${revision}`;
    if (this.#kept.has(key)) return;
    if (this.#kept.size >= BOUNDS.keptRemembered) this.#kept.clear();
    this.#kept.add(key);
    // Nothing is ever dropped by Firstfix itself, so a full disk need not keep it from reading.
    await this.mirrors.keep(place, (await repository.commit(revision)).id).catch(() => this.#kept.delete(key));
  }
}

/** Added anew from elsewhere, it is tried at once. */
function sourceKey({ url, source }: Place): string {
  return JSON.stringify([url, source]);
}
