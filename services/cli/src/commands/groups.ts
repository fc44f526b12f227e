import { userInfo } from "node:os";
import { loadConfig, type Config } from "@firstfix/kit";
import { GROUP_LIMITS, type GroupDetail, type GroupLine, type Regrouped } from "@firstfix/store";
import { wholeNumber } from "../numbers.ts";
import { operate } from "../operations.ts";
import { configFile } from "../paths.ts";
import { jsonText, visible } from "../terminal.ts";

interface Common {
  readonly config?: string;
  readonly json?: boolean;
}

export interface ListOptions extends Common {
  readonly service?: string;
  readonly limit: string;
}

/** Error groups of the last 30 days, seen last first. */
export async function list({ service, limit, ...common }: ListOptions): Promise<void> {
  const most = wholeNumber("--limit", limit, 1, GROUP_LIMITS.listed);
  const found = await operate<GroupLine[]>(read(common), "groups.list", { limit: most, ...(service === undefined ? {} : { service }) });
  if (asJson(common, found)) return;
  for (const one of found) console.log(`${one.groupId}  ${new Date(one.lastSeen).toISOString()}  ${String(one.count).padStart(7)}  ${one.services.map(visible).join(", ")}  ${visible(one.title)}${one.incidentId === null ? "" : `  (${one.incidentId})`}`);
  if (found.length === 0) console.log(visible(`No errors${service === undefined ? "" : ` of ${service}`} in the last 30 days.`));
}

/** What a group holds, and which groups are like it. */
export async function show(group: string, common: Common): Promise<void> {
  const detail = await operate<GroupDetail>(read(common), "groups.show", { group });
  if (asJson(common, detail)) return;
  console.log(`${detail.groupId}  ${visible(detail.title)}`);
  if (detail.merged.length > 0) console.log(`\nMerged into it: ${detail.merged.join(", ")}`);
  console.log("\nFingerprints:");
  for (const { fingerprint, title, count, lastSeen, frames } of detail.fingerprints) {
    console.log(`  ${fingerprint || "(recorded before fingerprints)"}  ${count} times, last ${new Date(lastSeen).toISOString()}  ${visible(title)}`);
    for (const frame of frames) console.log(`      ${visible(frame)}`);
  }
  if (detail.similar.length > 0) console.log("\nSimilar groups:");
  for (const { groupId, title, count, incidentId } of detail.similar) console.log(`  ${groupId}  ${count} times  ${visible(title)}${incidentId === null ? "" : `  (${incidentId})`}`);
}

export interface ChangeOptions extends Common {
  readonly by?: string;
}

/** Errors of the groups count to `into`, past ones too. */
export async function merge(into: string, groups: readonly string[], { by, ...common }: ChangeOptions): Promise<void> {
  const done = await operate<Regrouped>(read(common), "groups.merge", { into, groups, by: by ?? user() });
  if (!asJson(common, done)) console.log(`${done.groups.join(", ")} ${done.groups.length === 1 ? "counts" : "count"} to ${done.groupId} now. Undo: firstfix groups split ${done.groupId} ${done.groups.join(" ")}`);
}

/** Errors with one of the fingerprints become a group of their own; a merged group's id undoes its merge. */
export async function split(group: string, fingerprints: readonly string[], { by, ...common }: ChangeOptions): Promise<void> {
  const done = await operate<Regrouped>(read(common), "groups.split", { group, fingerprints, by: by ?? user() });
  if (!asJson(common, done)) console.log(`Split off as ${done.groupId}. Undo: firstfix groups merge ${done.groups[0] ?? group} ${done.groupId}`);
}

function read({ config }: Common): Config {
  return loadConfig(configFile(config), process.env);
}

function asJson({ json }: Common, value: unknown): boolean {
  if (json === true) console.log(jsonText(value));
  return json === true;
}

function user(): string {
  try {
    return userInfo().username;
  } catch {
    // A container's user may have no name.
    return "command line";
  }
}
