import { REPORT_LIMITS } from "../limits.ts";
import type { Arrival, Author, ChangeFact, Writer } from "../facts/types.ts";
import type { Dimension, ReportRow } from "../types.ts";

/** Which row something counts for. */
export interface RowKey {
  readonly key: string;
  readonly label: string;
  readonly authorship: ReportRow["authorship"];
}

/** Incidents that blame no change, and deployments whose changes are not known. */
export const NO_CHANGE: RowKey = { key: "none", label: "No change known", authorship: null };

const PEOPLE = { human: "People", mixed: "Mixed", unknown: "Unknown" } as const;
const AUTHORSHIP: Readonly<Record<Author, string>> = { ai: "Assistants", ...PEOPLE };

/** Rows of a commit as a whole. Several teams and services have it each; the total has it once. */
export function keysOfChange(by: Dimension, change: ChangeFact, arrivals: readonly Arrival[]): readonly RowKey[] {
  if (by === "repository") return [plain(change.repository, "No repository")];
  if (by === "team") return change.teams.length === 0 ? [plain("", "No owner")] : change.teams.map((team) => plain(team, "No owner"));
  if (by === "service") return arrivals.length === 0 ? [{ key: "undeployed", label: "Not deployed in the period", authorship: null }] : [...new Set(arrivals.map((one) => one.service))].map(serviceKey);
  if (by === "bound") return [boundKey(arrivals)];
  return [keyOfWriter(by, change)];
}

/** The row of an author, of a commit or of lines. A mixed commit has a row of its own; its lines count by their writers. */
export function keyOfWriter(by: Dimension, { authorship, agent, model }: Writer): RowKey {
  if (by === "authorship") return { key: authorship, label: AUTHORSHIP[authorship], authorship };
  if (authorship !== "ai") return { key: authorship, label: PEOPLE[authorship], authorship };
  const name = by === "model" ? model : agent;
  const unnamed = by === "model" ? "Assistant, model not named" : "Assistant, not named";
  return { key: `ai:${name}`, label: name === "" ? unnamed : name.slice(0, REPORT_LIMITS.labelCharacters), authorship };
}

export function serviceKey(service: string): RowKey {
  return { key: `service:${service}`, label: service === "" ? "No service" : service.slice(0, REPORT_LIMITS.labelCharacters), authorship: null };
}

export function plain(name: string, unnamed: string): RowKey {
  return { key: `name:${name}`, label: name === "" ? unnamed : name.slice(0, REPORT_LIMITS.labelCharacters), authorship: null };
}

function boundKey(arrivals: readonly Arrival[]): RowKey {
  if (arrivals.length === 0) return { key: "undeployed", label: "Not deployed in the period", authorship: null };
  return arrivals.some((one) => one.bound) ? { key: "bound", label: "With bound requirements", authorship: null } : { key: "unbound", label: "Without bound requirements", authorship: null };
}
