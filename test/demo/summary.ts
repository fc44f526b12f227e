import type { Incident } from "@firstfix/incident";

export interface Planted {
  readonly kind: string;
  readonly commit: string;
  readonly agent: string;
}

/** The last line of `npm run demo -- --headless`. */
export interface DemoResult {
  readonly incidents: number;
  readonly suspectsRight: number;
  readonly proposalsVerified: number;
  readonly closed: number;
  readonly cyclesToFix: readonly number[];
  readonly secondsToIncident: readonly number[];
  readonly secondsToVerifiedProposal: readonly number[];
  /** With --crash: acknowledged spans, and how many of them the store lacks or holds twice. */
  readonly acknowledged?: number;
  readonly lost?: number;
  readonly duplicates?: number;
}

/** Figures from what the console says, measured from the moment that the faulty revision took traffic. */
export function summarise(incidents: readonly Incident[], planted: readonly Planted[], faultySince: number): DemoResult {
  const seconds = (ms: number): number => Math.round(ms / 100) / 10;
  return {
    incidents: incidents.length,
    suspectsRight: new Set(incidents.map(blamed).filter((commit) => planted.some((one) => one.commit === commit))).size,
    proposalsVerified: incidents.filter((one) => one.proposals.some((proposal) => proposal.verified)).length,
    closed: incidents.filter((one) => one.status === "closed").length,
    cyclesToFix: incidents.map((one) => one.cycles.length),
    secondsToIncident: incidents.map((one) => seconds(one.openedAt - faultySince)),
    secondsToVerifiedProposal: incidents.flatMap((one) => {
      const first = one.proposals.filter((proposal) => proposal.verified).map((proposal) => proposal.madeAt);
      return first.length === 0 ? [] : [seconds(Math.min(...first) - one.openedAt)];
    }),
  };
}

/** What keeps the run from being a success, in sentences; empty when all is as planted. */
export function shortcomings(incidents: readonly Incident[], planted: readonly Planted[], result: DemoResult): string[] {
  const problems: string[] = [];
  if (incidents.length !== planted.length) problems.push(`${incidents.length} incidents were opened, ${planted.length} faults were planted`);
  for (const { kind, commit } of planted) {
    const of = incidents.filter((one) => blamed(one) === commit);
    if (of.length !== 1) problems.push(`the commit that ${kind} (${commit.slice(0, 10)}) is the first suspect of ${of.length} incidents`);
  }
  for (const one of incidents) {
    const commit = blamed(one);
    if (commit !== null && !planted.some((fault) => fault.commit === commit)) problems.push(`${commit.slice(0, 10)} was blamed and is harmless`);
    if (one.status !== "closed") problems.push(`${one.findings[0]?.title ?? one.incidentId} is ${one.status}, not closed`);
    if (one.cycles.length > 1) problems.push(`${one.findings[0]?.title ?? one.incidentId} took ${one.cycles.length} cycles`);
  }
  if ((result.lost ?? 0) > 0) problems.push(`${result.lost} acknowledged spans were lost`);
  return problems;
}

export function printTable(incidents: readonly Incident[], result: DemoResult): void {
  const rows = incidents.map((one, index) => {
    const suspect = one.ranking?.abstained == null ? one.ranking?.suspects[0] : undefined;
    return [
      `#${index + 1}`,
      clip(one.findings[0]?.title ?? "", 44),
      suspect?.commit.slice(0, 10) ?? "none",
      clip(suspect?.attribution.agent || suspect?.attribution.authorship || "", 16),
      one.proposals.find((proposal) => proposal.commit !== null)?.generator ?? "–",
      String(one.cycles.length),
      one.status,
      `${result.secondsToIncident[index] ?? "–"} s`,
    ];
  });
  const head = ["", "incident", "suspect", "assistant", "fix", "cycles", "status", "opened after"];
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string => cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd();
  console.log(`\n${line(head)}\n${widths.map((width) => "─".repeat(width)).join("  ")}\n${rows.map(line).join("\n")}\n`);
}

function blamed(incident: Incident): string | null {
  return incident.ranking === null || incident.ranking.abstained !== null ? null : (incident.ranking.suspects[0]?.commit ?? null);
}

function clip(text: string, length: number): string {
  const flat = text.replaceAll(/\s+/g, " ");
  return flat.length > length ? `${flat.slice(0, length - 1)}…` : flat;
}
