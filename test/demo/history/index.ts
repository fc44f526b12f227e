import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { noteOf } from "./note.ts";
import { DEVELOPER_ONE, type Identity } from "./people.ts";
import { BASELINE, DEPLOYMENT, type FaultKind, type Step } from "./steps.ts";

export interface History {
  readonly revisions: { readonly baseline: string; readonly faulty: string };
  /** The commits that brought the faults, in the order in which they were made. */
  readonly planted: readonly { readonly kind: FaultKind; readonly commit: string; readonly agent: string }[];
  /** The other commits of that deployment. */
  readonly harmless: readonly string[];
}

export const SHOP_FOLDER = fileURLToPath(new URL("../shop/", import.meta.url));
const CHANGES_FOLDER = fileURLToPath(new URL("./changes/", import.meta.url));

const run = promisify(execFile);

/**
 * Lays the shop's history into a new bare repository at `dir`. People, dates, texts and settings are all fixed and the
 * user's own git configuration is left out, so the commits have the same ids on every machine.
 */
export async function layHistory(dir: string): Promise<History> {
  const work = await mkdtemp(join(tmpdir(), "shop-history-"));
  try {
    await git(work, DEVELOPER_ONE, ["init", "--quiet", "--initial-branch=main", "--object-format=sha1", "--template="]);
    const commits: { step: Step; id: string }[] = [];
    for (const step of [...BASELINE, ...DEPLOYMENT]) commits.push({ step, id: await lay(work, step) });
    await mkdir(dir, { recursive: true });
    await git(dir, DEVELOPER_ONE, ["init", "--quiet", "--bare", "--initial-branch=main", "--object-format=sha1", "--template="]);
    await git(work, DEVELOPER_ONE, ["push", "--quiet", dir, "refs/heads/main", "refs/notes/ai"]);
    const deployed = commits.slice(BASELINE.length);
    return {
      revisions: { baseline: idAt(commits, BASELINE.length - 1), faulty: idAt(commits, commits.length - 1) },
      planted: deployed.flatMap(({ step, id }) => (step.fault === undefined ? [] : [{ kind: step.fault.kind, commit: id, agent: step.fault.agent }])),
      harmless: deployed.filter(({ step }) => step.fault === undefined).map(({ id }) => id),
    };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Makes one commit in the working tree and returns its id. */
async function lay(work: string, step: Step): Promise<string> {
  for (const path of step.adds ?? []) {
    await mkdir(dirname(join(work, path)), { recursive: true });
    await cp(join(SHOP_FOLDER, path), join(work, path), { recursive: true });
  }
  if (step.patch !== undefined) await git(work, step.author, ["apply", "--whitespace=nowarn", join(CHANGES_FOLDER, `${step.patch}.patch`)]);
  await git(work, step.author, ["add", "--all"]);
  await git(work, step.author, ["commit", "--quiet", "--no-verify", "--cleanup=verbatim", "-m", `${step.message}\n`], step);
  const id = await git(work, step.author, ["rev-parse", "HEAD"]);
  if (step.noted !== undefined) {
    const diff = await git(work, step.author, ["diff", "--unified=0", "--no-color", "HEAD~1", "HEAD"]);
    const note = noteOf(diff, { ...step.noted, commit: id, person: step.author });
    await git(work, step.author, ["notes", "--ref=ai", "add", "-m", note, "HEAD"], step);
  }
  return id;
}

async function git(folder: string, author: Identity, args: readonly string[], step?: Step): Promise<string> {
  const committer = step?.committer ?? author;
  const date = step?.date ?? "2026-08-03T09:00:00Z";
  const settings = ["core.autocrlf=false", "core.fileMode=false", "commit.gpgSign=false", "core.hooksPath=/dev/null", "gc.auto=0"];
  const { stdout } = await run("git", ["-C", folder, ...settings.flatMap((setting) => ["-c", setting]), ...args], {
    env: {
      PATH: process.env["PATH"],
      HOME: folder,
      TZ: "UTC",
      LC_ALL: "C",
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_TERMINAL_PROMPT: "0",
      GIT_AUTHOR_NAME: author.name,
      GIT_AUTHOR_EMAIL: author.email,
      GIT_AUTHOR_DATE: date,
      GIT_COMMITTER_NAME: committer.name,
      GIT_COMMITTER_EMAIL: committer.email,
      GIT_COMMITTER_DATE: date,
    },
  });
  return stdout.trimEnd();
}

function idAt(commits: readonly { readonly id: string }[], index: number): string {
  const commit = commits[index];
  if (commit === undefined) throw new Error(`The history has no commit ${String(index)}.`);
  return commit.id;
}

/** Paths of all files of the shop, relative to its folder: what the baseline must hold. */
export async function shopFiles(): Promise<string[]> {
  const entries = await readdir(SHOP_FOLDER, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(SHOP_FOLDER.length))
    .filter((path) => !path.startsWith("node_modules/"))
    .sort();
}
