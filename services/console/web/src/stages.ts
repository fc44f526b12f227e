import type { Incident } from "@firstfix/incident";
import type { HistoryLine } from "./api.ts";

/** The stages of an incident's life since it came back last, in order. Each has the time when it was first reached, or null. */
export interface Stage {
  readonly name: string;
  readonly at: number | null;
  readonly note: string;
}

export const STAGE_COUNT = 8;

export function stagesOf(incident: Incident, history: readonly HistoryLine[]): readonly Stage[] {
  const episode = incident.episodes.at(-1);
  const since = episode?.openedAt ?? incident.openedAt;
  // What was kept from the time before, as a ranking may be, has the time when it was found.
  const first = (kind: string): number | null => (history.find((one) => one.kind === kind && one.at >= since) ?? history.findLast((one) => one.kind === kind))?.at ?? null;
  const proposals = incident.proposals.filter((one) => one.madeAt >= since);
  const verified = proposals.filter((one) => one.verified).map((one) => one.madeAt);
  const approved = proposals.flatMap((one) => (one.approval === null ? [] : [one.approval]));
  const committed = proposals.flatMap((one) => (one.commit === null ? [] : [one.commit]));
  const cycles = episode?.cycles ?? incident.cycles;
  const cycle = cycles.at(-1);
  const named = incident.ranking !== null && incident.ranking.abstained === null && incident.ranking.suspects.length > 0;
  const stages: readonly Stage[] = [
    { name: "Opened", at: since, note: "" },
    { name: "Suspect", at: named ? first("suspects.ranked") : null, note: incident.ranking !== null && !named ? "none named" : "" },
    { name: "Reproduced", at: incident.reproduction?.status === "reproduced" ? first("reproduction.recorded") : null, note: incident.reproduction !== null && incident.reproduction.status !== "reproduced" ? incident.reproduction.status.replace("-", " ") : "" },
    { name: "Verified fix", at: verified.length > 0 ? Math.min(...verified) : null, note: "" },
    { name: "Approved", at: approved[0]?.at ?? null, note: "" },
    { name: "Committed", at: committed[0]?.at ?? null, note: "" },
    { name: "Redeployed", at: cycles[0]?.startedAt ?? null, note: cycle === undefined ? "" : `cycle ${cycle.cycle}${cycle.verdict === "pending" ? "" : ` ${cycle.verdict}`}` },
    { name: "Closed", at: incident.closedAt, note: "" },
  ];
  if (incident.mergedInto === null) return stages;
  // It was not solved: what it never came to is not missing, for the other incident goes through it.
  return [...stages.filter((one) => one.at !== null && one.name !== "Closed"), { name: "Merged", at: incident.closedAt, note: `into ${incident.mergedInto}` }];
}
