import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { scratchRoot } from "@firstfix/kit";
import { BOUNDS } from "../limits.ts";
import type { BlamedLine } from "../types.ts";
import type { Location } from "./locate.ts";
import { pathArg, QUOTED, unquote } from "./paths.ts";
import { resolveCommit } from "./revisions.ts";
import { runGit } from "./run.ts";
import { isReadable, readTextFile } from "./tree.ts";

const IGNORED_FILE = ".git-blame-ignore-revs";

/**
 * Who last changed each line of the range, as seen from the revision; [] where the file or the lines do not exist.
 * White space, moves and copies are seen through, and so are the commits that the revision itself says to ignore and
 * those of `passOver` (full ids).
 */
export async function blame(at: Location, revision: string, path: string, from: number, to: number, passOver: readonly string[] = []): Promise<readonly BlamedLine[]> {
  const commit = await resolveCommit(at, revision);
  if (!isReadable(path)) return [];
  const text = await readTextFile(at, commit, path);
  if (text === null || text === "") return [];
  const lineCount = text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
  const first = Math.max(1, Math.trunc(from));
  const last = Math.min(lineCount, Math.trunc(to), first + BOUNDS.blameLines - 1);
  if (!(first <= last)) return [];
  const ignored = [...(await ignoredRevisions(at, commit)), ...passOver];
  const folder = ignored.length === 0 ? null : await mkdtemp(join(scratchRoot(), "blame-"));
  try {
    const ignore = folder === null ? [] : ["--ignore-revs-file", join(folder, "ignored")];
    if (folder !== null) await writeFile(join(folder, "ignored"), `${ignored.join("\n")}\n`);
    const which = pathArg(path);
    const { stdout } = await runGit({ args: [...QUOTED, "blame", "--line-porcelain", "-w", "-M", "-C", "--no-textconv", "--encoding=UTF-8", ...ignore, "-L", `${first},${last}`, commit, ...which.args], env: at.read, lastArg: which.lastArg });
    return parseBlame(stdout.toString("utf8"), path);
  } finally {
    if (folder !== null) await rm(folder, { recursive: true, force: true });
  }
}

/** Only ids of this repository's kind are taken over: a line that git cannot read would make the whole blame fail. */
export async function ignoredRevisions(at: Location, commit: string): Promise<string[]> {
  const text = await readTextFile(at, commit, IGNORED_FILE).catch(() => null);
  return (text ?? "").split("\n").map((line) => line.replace(/#.*/, "").trim()).filter((line) => /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(line) && line.length === commit.length).slice(0, 10_000);
}

/** `id SP originLine SP line [SP count] LF`, then `key SP value LF` (among them `filename`), then `TAB text LF`. */
export function parseBlame(output: string, path: string): BlamedLine[] {
  const lines: BlamedLine[] = [];
  let commit = "";
  let originLine = 0;
  let line = 0;
  let originPath = path;
  for (const row of output.split("\n")) {
    const header = /^([0-9a-f]{40,64}) (\d+) (\d+)(?: \d+)?$/.exec(row);
    if (header !== null) {
      commit = header[1] ?? "";
      originLine = Number(header[2]);
      line = Number(header[3]);
      originPath = path;
    } else if (row.startsWith("filename ")) {
      originPath = unquote(row.slice("filename ".length));
    } else if (row.startsWith("\t")) {
      lines.push({ path, line, commit, originPath, originLine, text: row.slice(1) });
    }
  }
  return lines;
}
