import { existsSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { join, resolve } from "node:path";
import { FirstfixError, loadConfig } from "@firstfix/kit";
import type { AddedRepository, ListedRepository, RefreshedRepository } from "@firstfix/admin/operations";
import { refuseAddress, sourceNamed } from "../addresses.ts";
import { operate } from "../operations.ts";
import { configFile } from "../paths.ts";
import { rootOf } from "../repository.ts";
import { jsonText, plural, size, visible } from "../terminal.ts";

interface Common {
  readonly config?: string;
  readonly json?: boolean;
}

export interface AddOptions extends Common {
  readonly url?: string;
  readonly push?: boolean;
  readonly env: readonly string[];
  readonly dependencies: readonly string[];
}

/** Makes a mirror and remembers the repository. A folder counts from here, wherever the mirror is made. */
export async function add(source: string, { url, push, env, dependencies, ...common }: AddOptions): Promise<void> {
  refuseAddress("--url", url);
  const from = await sourceNamed("the source", source);
  if (from.kind === "folder") await refuseInside(from.folder);
  const input = { source: from.kind === "folder" ? from.folder : from.address, push: push === true, environments: env, dependencies: dependencies.map((one) => resolve(one)), ...(url === undefined ? {} : { url }) };
  const added = await operate<AddedRepository>(read(common), "repositories.add", input, progress());
  // They are needed where fixes are verified, which may be another machine.
  const warnings = [...added.warnings, ...input.dependencies.filter((one) => !existsSync(one)).map((one) => `There is no folder ${one} here (--dependencies); it must be where fixes are verified.`)];
  if (common.json === true) {
    console.log(jsonText({ ...added, warnings }));
    return;
  }
  console.log(`Added ${visible(added.url)}\n  from    ${visible(added.source)}\n  mirror  ${added.mirror.path} (${size(added.mirror.bytes)}, ${plural(added.mirror.branches, "branch", "branches")})\n  fixes   ${added.push ? "are pushed to the source as firstfix/* branches" : "stay in the mirror (no --push)"}`);
  for (const warning of warnings) console.log(`  note    ${visible(warning)}`);
}

/** A folder below the root would not be found by git's own fetch, which says nothing of where the root is. */
async function refuseInside(folder: string): Promise<void> {
  const root = await realpath(await rootOf(folder, "Give the folder of a git repository, or an address (https, ssh, git, user@host:path)."));
  if (![root, join(root, ".git")].includes(await realpath(folder))) throw new FirstfixError("bad_request", `${folder} lies in the repository ${root} and is not its root`, { hint: `firstfix repo add ${root}` });
}

export async function list(common: Common): Promise<void> {
  const found = await operate<ListedRepository[]>(read(common), "repositories.list", {});
  if (common.json === true) {
    console.log(jsonText(found));
    return;
  }
  if (found.length === 0) console.log("No repositories. Add one: firstfix repo add <folder or address>");
  for (const one of found) console.log(`${visible(one.url)}\n${rows(one).map(([name, value]) => `  ${name.padEnd(9)} ${visible(value)}`).join("\n")}`);
}

export async function refresh(urls: readonly string[], common: Common): Promise<void> {
  const done = await operate<RefreshedRepository[]>(read(common), "repositories.refresh", { urls }, progress());
  if (common.json === true) console.log(jsonText(done));
  else if (done.length === 0) console.log("No repositories were added: firstfix repo add <folder or address>");
  else for (const { url, ok, says, hint } of done) console.log(`${ok ? "ok    " : "failed"}  ${visible(url)}  ${visible(says)}${hint === "" ? "" : `\n        hint: ${visible(hint)}`}`);
  if (done.some((one) => !one.ok)) process.exitCode = 1;
}

export async function remove(url: string, { force, ...common }: Common & { readonly force?: boolean }): Promise<void> {
  const removed = await operate<{ url: string; mirrorRemoved: boolean }>(read(common), "repositories.remove", { url, force: force === true });
  console.log(common.json === true ? jsonText(removed) : `Removed ${visible(removed.url)}${removed.mirrorRemoved ? " and its mirror" : ""}.`);
}

function read({ config }: Common): ReturnType<typeof loadConfig> {
  return loadConfig(configFile(config), process.env);
}

function rows({ kind, source, mirror, push, environments, services, revisions }: ListedRepository): [string, string][] {
  const seen: [string, string] = ["telemetry", services.length === 0 ? "none yet" : `${services.join(", ")}; ${revisions} revisions`];
  if (kind === "unknown") return [["source", "not added: firstfix repo add <folder or address> --url with this address"], seen];
  const kept: [string, string][] =
    kind === "clone"
      ? [["kept by", "its owner (firstfix.yaml)"]]
      : mirror === null
        ? [["mirror", "none in this data folder yet; it is made when it is needed"]]
        : [
            ["fetched", `${mirror.fetchedAt === 0 ? "never" : new Date(mirror.fetchedAt).toISOString()}${mirror.failure === "" ? "" : `; the last try failed: ${mirror.failure}`}`],
            ["mirror", `${mirror.path} (${size(mirror.bytes)}, ${plural(mirror.branches, "branch", "branches")}${mirror.shallow ? ", shallow" : ""}${mirror.submodules.length === 0 ? "" : `, ${plural(mirror.submodules.length, "submodule")} not fetched`})`],
            ["fixes", `${plural(mirror.fixes.length, "branch", "branches")}, ${push ? "pushed" : "not pushed"}`],
          ];
  return [["source", source], ...kept, ...(environments.length === 0 ? [] : [["judged in", environments.join(", ")] as [string, string]]), seen];
}

/** One line that is written over, and only where somebody looks. */
function progress(): (progress: unknown) => void {
  if (!process.stderr.isTTY) return () => {};
  return (one) => {
    const { phase, percent } = one as { readonly phase?: string; readonly percent?: number };
    process.stderr.write(`\r\u001b[K${percent === 100 ? "" : `${visible(phase ?? "")} ${percent ?? 0}%`}`);
  };
}
