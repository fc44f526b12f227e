import { FirstfixError, messageOf, serviceIn, type Config, type Logger, type ServiceManifest } from "@firstfix/kit";
import { Places, readManifest, sameAddress, type ListedFile, type Place, type RecordedRepository, type Repository } from "@firstfix/provenance";

/** What a repository says about a service at a revision. */
export interface Tree {
  readonly repository: Repository;
  readonly files: readonly ListedFile[];
  /** The files' paths, always the same array: mapFrames keeps its index with it. */
  readonly paths: readonly string[];
}

export interface ServiceAt {
  readonly specs: string;
  readonly inApp: readonly string[];
  /** Path prefixes that are the service's own in a repository of several services; empty means all of it. */
  readonly paths: readonly string[];
  /** How paths in its stacks become paths in the repository. */
  readonly frames: ServiceManifest["frames"];
  /** Why the manifest could not be read, null where it could or where there is none. */
  readonly problem: { readonly says: string; readonly hint: string } | null;
}

const TREES_MAX = 32;
/** A clone that lacks a revision may get it by the next fetch: look again this long after a failure. */
const RETRY_MS = 5_000;

/**
 * The repositories of the configuration and of the journal, opened when they are first needed, and the mirrors among
 * them kept fresh. What a revision holds never changes.
 */
export class Repositories {
  readonly #places: Places;
  readonly #trees = new Map<string, Tree>();
  readonly #failures = new Map<string, { readonly error: FirstfixError; readonly at: number }>();

  constructor(config: Config, recorded: () => ReadonlyMap<string, RecordedRepository> = () => new Map(), log?: Logger) {
    this.#places = new Places({ configured: config.repositories, dataFolder: config.data, recorded, ...(log === undefined ? {} : { log }) });
    if (config.correlator.fetchMs > 0) this.#places.keepFresh(config.correlator.fetchMs);
  }

  /** What is known of a repository, wherever it was named. */
  configured(url: string): Place | null {
    return this.#places.find(url);
  }

  async close(): Promise<void> {
    await this.#places.close();
  }

  /** Throws repository.missing, .shallow, .revision_missing or .failed with a hint. */
  async tree(url: string, revision: string): Promise<Tree> {
    const place = this.#places.find(url);
    const key = JSON.stringify([sameAddress(url), place?.source, place?.path, revision]);
    const known = this.#trees.get(key);
    if (known !== undefined) return known;
    const failed = this.#failures.get(key);
    if (failed !== undefined && Date.now() - failed.at < RETRY_MS) throw failed.error;
    try {
      const tree = await this.#read(url, revision);
      remember(this.#trees, key, tree);
      this.#failures.delete(key);
      return tree;
    } catch (cause) {
      const error = cause instanceof FirstfixError ? cause : new FirstfixError("repository.failed", messageOf(cause), { cause });
      remember(this.#failures, key, { error, at: Date.now() });
      throw error;
    }
  }

  /** What `.firstfix.yaml` says of a service; the defaults where it says nothing. */
  async service(tree: Tree, revision: string, service: string): Promise<ServiceAt> {
    const defaults = { specs: ".kiro/specs", inApp: [], paths: [], frames: [] };
    try {
      const mine = serviceIn(await readManifest(tree.repository, revision), service);
      return mine === undefined ? { ...defaults, problem: null } : { specs: mine.specs, inApp: mine.inApp, paths: mine.paths, frames: mine.frames, problem: null };
    } catch (error) {
      return { ...defaults, problem: { says: messageOf(error), hint: (error instanceof FirstfixError ? error.hint : undefined) ?? "Mend the manifest." } };
    }
  }

  async #read(url: string, revision: string): Promise<Tree> {
    if (url === "") throw new FirstfixError("repository.missing", "The telemetry names no repository.", { hint: "Set the resource attribute vcs.repository.url.full, or use @firstfix/sdk, which sets it." });
    if (revision === "") throw new FirstfixError("repository.revision_missing", "The telemetry names no revision.", { hint: "Set the resource attribute vcs.ref.head.revision, or use @firstfix/sdk, which sets it." });
    const repository = await this.#places.open(url, revision);
    const files = await repository.listFiles(revision, "");
    return { repository, files, paths: files.map((file) => file.path) };
  }
}

function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= TREES_MAX) break;
    map.delete(oldest);
  }
}
