import { LIMITS, MANIFEST_FILE, messageOf, type Logger } from "@firstfix/kit";
import type { SpecProblemRecord } from "@firstfix/incident";
import { compileCheck, readSpecs, type Check, type CompiledCheck, type Requirement, type SpecFile } from "@firstfix/spec";
import type { Repositories, ServiceAt, Tree } from "../repositories.ts";

/** What runs: a service of a repository at a revision. */
export interface Running {
  readonly service: string;
  readonly repository: string;
  readonly revision: string;
}

export interface ServiceSpecs {
  readonly running: Running;
  readonly tree: Tree;
  readonly inApp: readonly string[];
  /** The service's own folders. */
  readonly own: readonly string[];
  readonly frames: ServiceAt["frames"];
  readonly requirements: readonly Requirement[];
  readonly checks: readonly CompiledCheck[];
  /** By the key of an eventually-check: an invariant that holds wherever the check has a trigger. */
  readonly triggers: ReadonlyMap<string, CompiledCheck>;
  readonly problems: readonly SpecProblemRecord[];
}

const SPECS_MAX = 64;
const FILES_MAX = 500;

/** Specs by what runs, read once: a revision never changes. */
export class Specs {
  readonly #repositories: Repositories;
  readonly #log: Logger;
  readonly #cache = new Map<string, ServiceSpecs>();

  constructor(repositories: Repositories, log: Logger) {
    this.#repositories = repositories;
    this.#log = log;
  }

  /** Null where the repository cannot be read (yet): the incident says why, and telemetry goes on without it. */
  async of(running: Running): Promise<ServiceSpecs | null> {
    const key = JSON.stringify([running.service, running.repository, running.revision]);
    const known = this.#cache.get(key);
    if (known !== undefined) return known;
    try {
      const specs = await this.#read(running);
      this.#cache.set(key, specs);
      for (const oldest of this.#cache.keys()) if (this.#cache.size > SPECS_MAX) this.#cache.delete(oldest);
      return specs;
    } catch (error) {
      this.#log.debug({ ...running, error: messageOf(error) }, "specs cannot be read");
      return null;
    }
  }

  async #read(running: Running): Promise<ServiceSpecs> {
    const { service, repository: url, revision } = running;
    const tree = await this.#repositories.tree(url, revision);
    const manifest = await this.#repositories.service(tree, revision, service);
    const prefix = `${manifest.specs.replace(/\/+$/, "")}/`;
    const problem = (file: string, line: number, says: string, hint: string): SpecProblemRecord => ({ repository: url, revision, service, file, line, says, hint });
    const problems: SpecProblemRecord[] = manifest.problem === null ? [] : [problem(MANIFEST_FILE, 0, manifest.problem.says, manifest.problem.hint)];
    const files: SpecFile[] = [];
    for (const listed of tree.files.filter((file) => file.path.startsWith(prefix) && /\.(?:md|ya?ml)$/.test(file.path)).slice(0, FILES_MAX)) {
      if (listed.size > LIMITS.specFileBytes) problems.push(problem(listed.path, 0, `larger than ${LIMITS.specFileBytes} bytes`, "Split the document."));
      else files.push({ path: listed.path, blob: listed.blob, text: (await tree.repository.readFile(revision, listed.path)) ?? "" });
    }
    const set = readSpecs(files, service);
    for (const one of set.problems) problems.push(problem(one.file, one.line, one.message, one.hint));
    const triggers = new Map(set.checks.filter((check) => check.form.kind === "eventually").map((check) => [check.key, triggerOf(check)]));
    return { running, tree, inApp: manifest.inApp, own: manifest.paths, frames: manifest.frames, requirements: set.requirements, checks: set.checks.map(compileCheck), triggers, problems };
  }
}

/** Far cheaper for the engine than the check itself, and tells as well whether there is anything to wait for. */
function triggerOf(check: Check): CompiledCheck {
  return compileCheck({ ...check, form: { kind: "invariant", when: check.form.when, require: "true" } });
}
