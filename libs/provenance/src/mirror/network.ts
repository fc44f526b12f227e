import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { FirstfixError } from "@firstfix/kit";
import { ended, slots, startGit } from "../git/run.ts";
import { BOUNDS } from "../limits.ts";
import { accessTo } from "./credentials.ts";
import { tokenVariable, type Source } from "./source.ts";

/** How far a fetch has come, for a person. */
export interface FetchProgress {
  readonly phase: string;
  readonly percent: number;
}

export interface FetchOptions {
  readonly tell?: (progress: FetchProgress) => void;
  readonly signal?: AbortSignal;
  /** Longest time and most bytes on disk of one fetch; the bounds of BOUNDS where nothing is said. */
  readonly msMax?: number;
  readonly bytesMax?: number;
}

interface NetworkRun extends FetchOptions {
  readonly args: readonly string[];
  readonly source: Source;
  readonly gitDir: string;
  readonly msMax: number;
  readonly outputMax: number;
}

const PHASE = /^(?:remote: )?([A-Z][a-z]+ (?:objects|deltas|connectivity)):\s+(\d{1,3})%/;
/** What is fetched comes as one pack, however little it is: its growth can be watched, and packs are rolled up later. */
const SETTINGS = [["fetch.unpackLimit", "1"]] as const;
/** File of a mirror that the git at the other end, where that is a folder of this machine, takes as its user's settings. */
export const SERVING_CONFIG = "firstfix.gitconfig";
const withFetchSlot = slots(BOUNDS.fetchesAtOnce, BOUNDS.gitWaiting);

/**
 * Runs a git that may speak to one source, by its protocol alone: no prompt, no hook, no configuration but ours and the
 * mirror's. Ends it, with its helpers, when it takes too long, falls silent, fills the disk, or nobody waits any more.
 */
export async function runNetwork(run: NetworkRun): Promise<string> {
  return withFetchSlot(() => start(run));
}

async function start({ args, source, gitDir, tell, signal, msMax, bytesMax = BOUNDS.fetchBytes, outputMax }: NetworkRun): Promise<string> {
  signal?.throwIfAborted();
  // oxlint-disable-next-line node/no-process-env -- credentials, proxies and the SSH agent are the environment's alone
  const access = accessTo(source, process.env);
  const before = await sizeOf(gitDir);
  const child = startGit({ args, env: { GIT_DIR: gitDir, ...(source.host === "" ? { GIT_CONFIG_GLOBAL: join(gitDir, SERVING_CONFIG) } : {}), ...access.env }, settings: [...access.settings, ...SETTINGS], detached: true });
  const end = ended(child);
  let stopped: FirstfixError | null = null;
  const stop = (says: string, hint: string): void => {
    stopped ??= new FirstfixError("repository.failed", says, { hint, retryable: true });
    endGroup(child.pid);
  };
  const silence = setTimeout(() => stop(`Fetching was given up: ${shown(source)} said nothing for ${BOUNDS.fetchSilentMs / 60_000} minutes.`, "Check that it answers; it is tried again."), BOUNDS.fetchSilentMs);
  const limit = setTimeout(() => stop(`Fetching was given up: it took longer than ${Math.round(msMax / 1000)} seconds.`, "It is tried again. For a very large repository, give a local clone as source."), msMax);
  const weigh = async (): Promise<void> => {
    if ((await sizeOf(gitDir)) - before > bytesMax) stop(`Fetching was given up: it brought more than ${bytesMax} bytes.`, "Firstfix keeps no repository of that size.");
  };
  const watch = setInterval(() => void weigh(), BOUNDS.fetchWatchMs);
  const onAbort = (): void => stop("Fetching was stopped.", "Call it again: it begins anew.");
  signal?.addEventListener("abort", onAbort, { once: true });
  let output = "";
  let errors = "";
  let rest = "";
  child.stdout.on("data", (chunk: Buffer) => {
    silence.refresh();
    output += chunk.toString("utf8");
    if (output.length > outputMax) stop(`${shown(source)} answered more than is read.`, "Check that it is a git repository.");
  });
  child.stderr.on("data", (chunk: Buffer) => {
    silence.refresh();
    const lines = (rest + chunk.toString("utf8")).split(/[\r\n]/);
    rest = (lines.pop() ?? "").slice(-1000);
    for (const line of lines) {
      const phase = PHASE.exec(line);
      if (phase !== null) tell?.({ phase: phase[1] ?? "", percent: Number(phase[2]) });
      else if (errors.length < BOUNDS.gitErrorBytes) errors += `${line}\n`;
    }
  });
  child.stdin.on("error", () => {}); // git may end before it has read anything
  child.stdin.end();
  try {
    const { exit } = await end;
    if (exit === 0) await weigh();
    if (stopped !== null) throw stopped as FirstfixError;
    if (exit !== 0) throw failed(source, `${errors}${rest}`, access.secrets, exit);
    return output;
  } finally {
    clearTimeout(silence);
    clearTimeout(limit);
    clearInterval(watch);
    signal?.removeEventListener("abort", onAbort);
  }
}

/** Git's helpers (ssh, git-remote-https, index-pack) are of its group. */
function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

/** Bytes of the packs, those that are just being received among them. Nothing else grows. */
async function sizeOf(gitDir: string): Promise<number> {
  const folder = join(gitDir, "objects", "pack");
  const names = await readdir(folder).catch(() => []);
  const sizes = await Promise.all(names.map((name) => stat(join(folder, name)).then((one) => one.size, () => 0)));
  return sizes.reduce((sum, size) => sum + size, 0);
}

const REFUSED = /authentication failed|could not read (?:username|password)|terminal prompts disabled|permission denied|returned error: 40[13]|repository not found|not found|does not appear to be a git repository|access denied/i;

/** What the other side says is its own text: one line of it, without control characters, without our secrets. */
function failed(source: Source, text: string, secrets: readonly string[], exit: number): FirstfixError {
  const lines = text.split("\n").map((line) => line.replace(/[\p{Cc}\p{Cf}]/gu, " ").trim()).filter((line) => line !== "");
  const chosen = lines.filter((line) => /^(?:fatal|error|ERROR|remote: error|ssh|.*: Permission denied)/.test(line));
  let says = (chosen.length > 0 ? chosen : lines).slice(0, 2).join("; ").slice(0, 400) || `exit code ${exit}`;
  for (const secret of secrets) says = says.replaceAll(secret, "***");
  says = says.replace(/([a-z][a-z0-9+.-]*:\/\/)[^/@\s]*@/gi, "$1");
  return new FirstfixError("repository.failed", `git cannot reach ${shown(source)}: ${says}`, { retryable: true, hint: hintFor(source, says) });
}

const DAMAGED = /bad object|is corrupt|object file|unable to read (?:tree|sha1|[0-9a-f]{7})|did not send all necessary objects|invalid index-pack output|missing (?:blob|tree|commit)/i;

function hintFor(source: Source, says: string): string {
  if (/no space left/i.test(says)) return "Make room in the data folder; it is tried again.";
  if (DAMAGED.test(says)) return "The source, or the mirror, lacks objects. Check the source (git fsck; a partial clone cannot be mirrored), else remove the repository and add it again.";
  if (source.kind === "path" || source.kind === "file") return "Check that the folder is a git repository that Firstfix may read.";
  if (!REFUSED.test(says)) return "Check the address and the network; it is tried again.";
  if (source.kind === "ssh") return "Let the SSH agent of Firstfix hold a key that may read it (SSH_AUTH_SOCK), or name one by GIT_SSH_COMMAND, and have the host in known_hosts.";
  if (source.kind === "git") return "Check the address.";
  const hostname = source.host.replace(/:\d+$/, "");
  const open = source.kind === "http" ? " Over http a token is sent to this machine only: use https." : "";
  return `Check the address; for a private repository set FIRSTFIX_GIT_TOKEN or ${tokenVariable(hostname)} in the environment of Firstfix.${open}`;
}

function shown(source: Source): string {
  return source.address;
}
