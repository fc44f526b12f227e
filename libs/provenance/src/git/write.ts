import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { FirstfixError, scratchRoot } from "@firstfix/kit";
import { BOUNDS } from "../limits.ts";
import { isAncestor } from "./commits.ts";
import type { Location } from "./locate.ts";
import { findRef, resolveCommit } from "./revisions.ts";
import { runGit } from "./run.ts";
import { isPlainPath, isRegular, readTree } from "./tree.ts";

export interface FileCommit {
  /** The new commit's parent. */
  readonly base: string;
  /** Short branch name; the branch is created, or moved when it exists. */
  readonly branch: string;
  /** Whole new text of each file; null removes it. */
  readonly changes: readonly { readonly path: string; readonly text: string | null }[];
  readonly message: string;
  readonly authorName: string;
  readonly authorEmail: string;
}

/**
 * Commits whole files on top of `base` and points the branch at it; returns the new commit's id. Objects are written
 * through an index of our own: neither the work tree, nor the repository's index, nor its hooks take part. Files keep
 * their mode; what is a link or a submodule at `base`, or lies below one, is refused. Nothing moves unless all worked.
 */
export async function commitFiles(at: Location, commit: FileCommit): Promise<string> {
  const base = await resolveCommit(at, commit.base);
  const ref = `refs/heads/${commit.branch}`;
  await checkRef(at, ref);
  const name = person(commit.authorName, "author name");
  const email = person(commit.authorEmail, "author e-mail");
  const before = await findRef(at, ref);
  if (before !== null && !(await isAncestor(at, before, base))) throw new FirstfixError("conflict", `The branch ${commit.branch} holds commits that ${base.slice(0, 12)} does not.`, { hint: "Merge or delete that branch first: they would be lost." });
  const folder = await mkdtemp(join(scratchRoot(), "index-"));
  const env = { ...at.read, GIT_INDEX_FILE: join(folder, "index") };
  try {
    await runGit({ args: ["read-tree", base], env });
    const lines: string[] = [];
    for (const change of commit.changes) lines.push(await stage(at, base, change));
    await runGit({ args: ["update-index", "-z", "--index-info"], env, input: lines.join("") });
    const tree = (await runGit({ args: ["write-tree"], env })).stdout.toString("utf8").trim();
    const identity = { GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email, GIT_COMMITTER_NAME: name, GIT_COMMITTER_EMAIL: email };
    const created = await runGit({ args: ["commit-tree", "-p", base, "-F", "-", tree], env: { ...env, ...identity }, input: commit.message });
    const id = created.stdout.toString("utf8").trim();
    await moveRef(at, ref, id, before);
    return id;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Points a branch at a commit that is there already; only forwards. */
export async function placeBranch(at: Location, branch: string, id: string): Promise<void> {
  const ref = `refs/heads/${branch}`;
  await checkRef(at, ref);
  const before = await findRef(at, ref);
  if (before === id) return;
  if (before !== null && !(await isAncestor(at, before, id))) throw new FirstfixError("conflict", `The branch ${branch} holds other commits at ${at.path}.`, { hint: "Merge or delete that branch first: they would be lost." });
  await moveRef(at, ref, id, before);
}

/** Takes a branch back to what it was before it pointed at `id`. Throws where it has moved on since. */
export async function dropBranch(at: Location, branch: string, id: string, before: string | null): Promise<void> {
  const ref = `refs/heads/${branch}`;
  if (before !== null) await moveRef(at, ref, before, id);
  else await runGit({ args: [...(await configuredHooksOff(at)), "update-ref", "-d", "--end-of-options", ref, id], env: at.refs });
}

/** One `mode SP id TAB path NUL` for update-index. */
async function stage(at: Location, base: string, { path, text }: FileCommit["changes"][number]): Promise<string> {
  if (!isPlainPath(path)) throw new FirstfixError("bad_request", `${JSON.stringify(path.slice(0, 200))} is no path that can be committed.`);
  if (text !== null && Buffer.byteLength(text) > BOUNDS.fileBytes) throw new FirstfixError("bad_request", `${path} is longer than ${BOUNDS.fileBytes} bytes.`);
  const folders = path.split("/").slice(0, -1).map((_, index, parts) => parts.slice(0, index + 1).join("/"));
  for (const folder of folders) {
    const entry = (await readTree(at, base, { recursive: false, path: folder })).find((one) => one.path === folder);
    if (entry === undefined) break;
    if (entry.type !== "tree") throw new FirstfixError("bad_request", `${folder} is no folder at ${base}: ${path} cannot be committed.`);
  }
  const old = (await readTree(at, base, { recursive: false, path })).find((one) => one.path === path);
  if (old !== undefined && !isRegular(old)) throw new FirstfixError("bad_request", `${path} is no regular file at ${base}.`);
  if (text === null) return `0 ${"0".repeat(base.length)}\t${path}\0`;
  const { stdout } = await runGit({ args: ["hash-object", "-w", "--stdin", "--no-filters"], env: at.read, input: text });
  return `${old?.mode ?? "100644"} ${stdout.toString("utf8").trim()}\t${path}\0`;
}

async function checkRef(at: Location, ref: string): Promise<void> {
  const { exit } = await runGit({ args: ["check-ref-format", ref], env: at.read, exits: [1] });
  if (exit !== 0) throw new FirstfixError("bad_request", `${JSON.stringify(ref.slice(0, 200))} is no branch name.`);
  const { stdout } = await runGit({ args: ["worktree", "list", "--porcelain", "-z"], env: at.refs });
  // Moving a branch under somebody's checkout would make their work tree look like a change that undoes ours.
  if (stdout.toString("utf8").split("\0").includes(`branch ${ref}`)) throw new FirstfixError("conflict", `${ref} is checked out.`, { hint: "Check out another branch there, or let the fix go to a branch of its own." });
}

/** Compare and swap: somebody else's commit on the branch is never lost unseen. */
async function moveRef(at: Location, ref: string, id: string, before: string | null): Promise<void> {
  const off = await configuredHooksOff(at);
  await runGit({ args: [...off, "update-ref", "--create-reflog", "-m", "firstfix: commit", "--end-of-options", ref, id, before ?? "0".repeat(id.length)], env: at.refs });
}

/** Newer git also runs hooks that the configuration names (`hook.<name>.command`); core.hooksPath does not stop them. */
async function configuredHooksOff(at: Location): Promise<readonly string[]> {
  const { stdout } = await runGit({ args: ["config", "--null", "--name-only", "--get-regexp", "^hook\\."], env: at.refs, exits: [1] });
  const names = new Set(stdout.toString("utf8").split("\0").flatMap((key) => /^hook\.([\s\S]+)\.[a-z]+$/i.exec(key)?.[1] ?? []));
  if ([...names].some((name) => name.includes("="))) throw new FirstfixError("repository.failed", "The repository configures a hook that cannot be switched off.", { hint: `Remove the hook.* sections of ${at.gitDir}/config.` });
  return [...names].flatMap((name) => ["-c", `hook.${name}.enabled=false`]);
}

function person(text: string, what: string): string {
  if (text.trim() === "" || /[<>\n\0]/.test(text)) throw new FirstfixError("bad_request", `${what} is empty or holds a character that git cannot take.`);
  return text;
}
