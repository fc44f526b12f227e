import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { FirstfixError, scratchRoot } from "@firstfix/kit";
import { runGit } from "./run.ts";

/**
 * Where a repository keeps its things, and the two environments in which git looks at it.
 *
 * `read` names an empty git directory of our own and borrows only the object store: nothing that the repository's
 * owner can write besides objects (configuration, hooks, attributes, grafts, replacements, index, partial-clone
 * remotes) is even opened, so no program it names can run. Only what needs refs uses `refs`, the real directory (of a linked worktree its own, where its HEAD is).
 * Both name the directory outright, so a repository that belongs to another user works too.
 */
export interface Location {
  readonly path: string;
  readonly gitDir: string;
  readonly shallowFile: string;
  /** Where a mirror is fetched from; absent for a clone that its owner keeps. */
  readonly source?: string;
  readonly read: Readonly<Record<string, string>>;
  readonly refs: Readonly<Record<string, string>>;
}

const HINT = "Name a local clone of it (bare or not), as the source or --repo of a command or as repositories[].path of the configuration.";

export async function locate(path: string): Promise<Location> {
  const root = resolve(path);
  // Through a link the folder above is another one than it seems.
  const real = await realpath(root).catch(() => root);
  const isDirectory = await stat(root).then((found) => found.isDirectory(), () => false);
  if (!isDirectory) throw new FirstfixError("repository.missing", `There is no folder ${path}.`, { hint: HINT });
  // The ceiling keeps git from finding a repository further up, which would answer for the wrong one.
  const { stdout, exit } = await runGit({ args: ["-C", real, "rev-parse", "--path-format=absolute", "--git-common-dir", "--show-object-format", "--absolute-git-dir"], env: { GIT_CEILING_DIRECTORIES: dirname(real) }, exits: [128] });
  const [gitDir, format, ownDir = ""] = stdout.toString("utf8").split("\n");
  if (exit !== 0 || gitDir === undefined || format === undefined) throw new FirstfixError("repository.missing", `${path} is not a git repository.`, { hint: HINT });
  const shallowFile = join(gitDir, "shallow");
  const objects = join(gitDir, "objects");
  const read = { GIT_DIR: emptyGitDir(format), GIT_OBJECT_DIRECTORY: objects, GIT_SHALLOW_FILE: shallowFile };
  return { path: root, gitDir, shallowFile, read, refs: { GIT_DIR: ownDir === "" ? gitDir : ownDir } };
}

/** Address that a clone was made from, as its owner wrote it; null where there is none. */
export async function originOf(path: string): Promise<string | null> {
  const at = await locate(path);
  const { stdout, exit } = await runGit({ args: ["config", "--get", "remote.origin.url"], env: at.refs, bytesMax: 8192, exits: [1] });
  const url = stdout.toString("utf8").trim();
  return exit === 0 && url !== "" ? url : null;
}

const views = new Map<string, string>();

/** One per object format and process; it holds no state, so every repository can share it. */
function emptyGitDir(format: string): string {
  const known = views.get(format);
  if (known !== undefined) return known;
  const dir = mkdtempSync(join(scratchRoot(), "git-"));
  mkdirSync(join(dir, "refs"));
  mkdirSync(join(dir, "objects"));
  writeFileSync(join(dir, "HEAD"), "ref: refs/heads/none\n");
  const version = format === "sha1" ? "0\n\tbare = true\n" : `1\n\tbare = true\n[extensions]\n\tobjectFormat = ${format === "sha256" ? "sha256" : "sha1"}\n`;
  writeFileSync(join(dir, "config"), `[core]\n\trepositoryformatversion = ${version}`);
  views.set(format, dir);
  return dir;
}
