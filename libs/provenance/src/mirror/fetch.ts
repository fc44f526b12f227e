import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runGit } from "../git/run.ts";
import { BOUNDS } from "../limits.ts";
import { runNetwork, SERVING_CONFIG, type FetchOptions } from "./network.ts";
import type { Source } from "./source.ts";

/** What the source showed before anything was fetched. */
export interface SourceRefs {
  /** `main`, or null where the source does not say. */
  readonly defaultBranch: string | null;
  readonly format: "sha1" | "sha256";
}

/**
 * All branches, tags and notes of the source, as they are there: forced over what was, and removed here where they are
 * removed there. Branches of fixes are our own, so neither fetched over nor removed. What a clone of somebody's has
 * from further up (refs/remotes) comes as well, for deployed commits often are only there. Of Entire what says who wrote a commit.
 */
const REFSPECS = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*", "+refs/notes/*:refs/notes/*", "+refs/remotes/*:refs/remotes/*", "+refs/entire/checkpoints/*:refs/entire/checkpoints/*", "^refs/heads/firstfix", "^refs/heads/firstfix/*"];
/** What is ours alone, and no source can give back. */
const OWN = ["+refs/heads/firstfix/*:refs/heads/firstfix/*", "+refs/firstfix/*:refs/firstfix/*"];
const FETCH = ["fetch", "--quiet", "--progress", "--force", "--no-tags", "--no-auto-maintenance", "--no-write-fetch-head", "--no-recurse-submodules", "--update-shallow", "--upload-pack=git-upload-pack"];
/** Of what git prints; what is fetched goes into files. */
const OUTPUT_MAX = 1024 * 1024;
/** For the git that serves a folder: it is given no settings by the one that asks, and the folder may be another user's. */
const CONFIG = "[safe]\n\tdirectory = *\n[core]\n\thooksPath = /dev/null\n\tfsmonitor = false\n[gc]\n\tauto = 0\n";

/** An empty mirror. The folder must not exist. */
export async function initMirror(gitDir: string, format: SourceRefs["format"]): Promise<void> {
  await runGit({ args: ["init", "--quiet", "--bare", "--template=", `--object-format=${format}`, "--initial-branch=main", "--", gitDir], env: {} });
  await writeFile(join(gitDir, SERVING_CONFIG), CONFIG);
}

/** Asks for the source's HEAD alone, which is cheap: fails fast where it cannot be reached, and tells what a mirror must be like. */
export async function lookAt(gitDir: string, source: Source, options: FetchOptions): Promise<SourceRefs> {
  const ask = (...more: readonly string[]): Promise<string> => runNetwork({ ...options, args: ["ls-remote", "--quiet", "--symref", "--upload-pack=git-upload-pack", "--", source.address, ...more], source, gitDir, msMax: BOUNDS.refsMs, outputMax: OUTPUT_MAX });
  let output = await ask("HEAD");
  // A HEAD that names no branch yet says nothing, not even how long ids are there.
  if (output.trim() === "") output = await ask("refs/heads/*").catch(() => "");
  let defaultBranch: string | null = null;
  let format: SourceRefs["format"] = "sha1";
  for (const line of output.split("\n")) {
    const symref = /^ref: refs\/heads\/(\S{1,250})\tHEAD$/.exec(line);
    if (symref !== null) defaultBranch = symref[1] ?? null;
    if (/^[0-9a-f]{64}\t/.test(line)) format = "sha256";
  }
  return { defaultBranch, format };
}

/** Brings the mirror to what the source is now. Refs move only when all their objects are there. */
export async function fetchAll(gitDir: string, source: Source, options: FetchOptions): Promise<void> {
  // Asked for only where there is something to deepen: git refuses it otherwise.
  const whole = (await isCut(gitDir)) ? ["--unshallow"] : [];
  await fetch(gitDir, source, ["--prune", ...whole], REFSPECS, options);
}

/** One commit that no branch of the source leads to any more, or a fix that was pushed there. False where it is not given. */
export async function fetchOne(gitDir: string, source: Source, id: string, options: FetchOptions): Promise<boolean> {
  const wanted = [[`+${id}:refs/firstfix/deployed/${id}`], ["+refs/heads/firstfix/*:refs/firstfix/source/*"]];
  for (const refspecs of wanted) {
    const fetched = await fetch(gitDir, source, [], refspecs, options).then(() => true, () => false);
    if (fetched && (await hasCommit(gitDir, id))) return true;
  }
  return false;
}

/** Takes over branches of fixes and deployed revisions from a damaged mirror, one kind after the other, as far as git can still read them. */
export async function takeOver(damaged: string, gitDir: string): Promise<void> {
  for (const refspec of OWN) await fetch(gitDir, { kind: "path", address: damaged, host: "" }, [], [refspec], {}).catch(() => {});
}

/** Keeps a commit from ever being dropped, whatever happens to the branches that led to it. */
export async function keep(gitDir: string, id: string): Promise<void> {
  await runGit({ args: ["update-ref", "--end-of-options", `refs/firstfix/deployed/${id}`, id], env: { GIT_DIR: gitDir } });
}

/** The branch that HEAD names is where a history without a revision begins. */
export async function setHead(gitDir: string, branch: string): Promise<void> {
  const ref = `refs/heads/${branch}`;
  const { exit } = await runGit({ args: ["check-ref-format", ref], env: { GIT_DIR: gitDir }, exits: [1] });
  if (exit === 0) await runGit({ args: ["symbolic-ref", "HEAD", ref], env: { GIT_DIR: gitDir } });
}

/**
 * Packs anew what many fetches left behind. Nothing is dropped: rolling packs up keeps every object, reached or not, and
 * a revision that was deployed once stays readable after a forced push.
 */
export async function tidy(gitDir: string, source: Source, signal?: AbortSignal, packsMax: number = BOUNDS.mirrorPacks): Promise<void> {
  const { packs, loose } = await countObjects(gitDir);
  if (packs <= packsMax && loose <= BOUNDS.mirrorLooseObjects) return;
  await runNetwork({ args: ["repack", "--geometric=2", "-d", "-q"], source, gitDir, msMax: BOUNDS.fetchMs, outputMax: 4096, ...(signal === undefined ? {} : { signal }) });
  await runGit({ args: ["pack-refs", "--all"], env: { GIT_DIR: gitDir } });
}

export interface ObjectCounts {
  readonly packs: number;
  readonly loose: number;
  readonly bytes: number;
}

export async function countObjects(gitDir: string): Promise<ObjectCounts> {
  const { stdout } = await runGit({ args: ["count-objects", "-v"], env: { GIT_DIR: gitDir } });
  const value = (name: string): number => Number(new RegExp(`^${name}: (\\d+)$`, "m").exec(stdout.toString("utf8"))?.[1] ?? 0);
  return { packs: value("packs"), loose: value("count"), bytes: (value("size") + value("size-pack")) * 1024 };
}

async function fetch(gitDir: string, source: Source, flags: readonly string[], refspecs: readonly string[], options: FetchOptions): Promise<void> {
  await runNetwork({ ...options, args: [...FETCH, ...flags, "--", source.address, ...refspecs], source, gitDir, msMax: options.msMax ?? BOUNDS.fetchMs, outputMax: OUTPUT_MAX });
}

async function hasCommit(gitDir: string, id: string): Promise<boolean> {
  const { exit } = await runGit({ args: ["cat-file", "-e", `${id}^{commit}`], env: { GIT_DIR: gitDir }, exits: [1, 128] });
  return exit === 0;
}

async function isCut(gitDir: string): Promise<boolean> {
  return (await readFile(join(gitDir, "shallow"), "utf8").catch(() => "")) !== "";
}
