import { DAY_MS, WEEK_MS } from "../limits.ts";
import { measuresOf } from "../measures.ts";
import { average, census, median, middle, rate, ratio, share, type Case } from "../statistics.ts";
import type { Figure, ReportQuery, ReportRow } from "../types.ts";
import { sumOf, type Cell, type LinesBy } from "./cell.ts";

const NO_LINES: LinesBy = { ai: 0, human: 0, mixed: 0, unknown: 0 };

/** A row as it is shown: sizes, and every measure of its dimension. */
export function rowOf(cell: Cell, total: Cell, query: ReportQuery, weeks: number): ReportRow {
  const figures = figuresOf(cell, total, weeks);
  return {
    key: cell.row.key,
    label: cell.row.label,
    authorship: cell.row.authorship,
    size: {
      changes: cell.commitLines.length,
      deployed: cell.deployed,
      linesAdded: sumOf(cell.lines),
      medianLines: middle(cell.commitLines),
      deployedMedian: middle(cell.deployedLines),
      deployedMean: cell.deployedLines.length === 0 ? null : cell.deployedLines.reduce((sum, lines) => sum + lines, 0) / cell.deployedLines.length,
      exposure: entriesOf(cell.deployments),
    },
    sizes: cell.sizes,
    figures: Object.fromEntries(measuresOf(query.by).map(({ key }) => [key, (figures[key] as () => Figure)()])),
  };
}

/** How long deployments could be seen in the period: from its start, or from the first one ever seen where that is later; at least a day. 0 where none was ever seen. */
export function weeksOf({ since, until }: ReportQuery, observedSince: number | null, now: number): number {
  if (observedSince === null) return 0;
  const from = Math.max(since ?? -Infinity, observedSince);
  return Math.max(DAY_MS, Math.min(until ?? now, now) - from) / WEEK_MS;
}

/** Each is counted only where a report shows it: on a long history some take a while. */
function figuresOf(cell: Cell, total: Cell, weeks: number): Readonly<Record<string, () => Figure>> {
  const { standing, commitLines, cycles, deployments } = cell;
  const count = (test: (cycles: number) => boolean): number => cycles.filter(test).length;
  const closed = "closed incidents with a redeploy";
  // A part of the whole is a sample; the whole as a share of itself is not.
  const whole = cell === total;
  const recovered = deployments.flatMap((one) => (one.recoveryMs === null ? [] : [one.recoveryMs]));
  return {
    linesShare: () => whole ? census(sumOf(cell.lines), sumOf(total.lines), "lines written") : ratio([...total.linesOf].map(([id, all]) => ({ part: sumOf(cell.linesOf.get(id) ?? NO_LINES), whole: sumOf(all) })), 1, "commits", "lines written"),
    standingShare: () => census(sumOf(standing), sumOf(total.standing), "lines standing"),
    commitsShare: () => (whole ? census : share)(commitLines.length, total.commitLines.length, "commits"),
    aiLines: () => ratio([...cell.linesOf.values()].map((one) => ({ part: one.ai, whole: sumOf(one) })), 1, "commits", "lines written"),
    aiStanding: () => census(standing.ai, sumOf(standing), "lines standing"),
    aiCommits: () => share(cell.commitsAi, commitLines.length, "commits"),
    unknownLines: () => ratio([...cell.linesOf.values()].map((one) => ({ part: one.unknown, whole: sumOf(one) })), 1, "commits", "lines written"),
    debugged: () => share(cell.debugged, cell.deployed, "deployed changes"),
    debuggedAi: () => share(cell.debuggedAi, cell.deployedAi, "deployed AI-authored changes"),
    incidents: () => rate(cell.blames, cell.deployed, 1_000, cell.deployed, "deployed changes"),
    oneCycle: () => share(count((one) => one === 1), cycles.length, closed),
    twoOrThreeCycles: () => share(count((one) => one === 2 || one === 3), cycles.length, closed),
    fourOrMoreCycles: () => share(count((one) => one > 3), cycles.length, closed),
    redeploys: () => average(cell.redeploys, "incidents"),
    errors: () => ratio(errorsOf(deployments), 1_000, "deployments", "spans", errorsOf(total.deployments)),
    violations: () => ratio(violationsOf(deployments), 1_000, "deployments", "evaluations", violationsOf(total.deployments)),
    deploymentFrequency: () => rate(deployments.length, weeks, 1, deployments.length, "deployments"),
    leadTime: () => median(cell.leadMs, "deployed changes"),
    changeFail: () => share(deployments.filter((one) => one.failed).length, deployments.length, "deployments"),
    rework: () => share(deployments.filter((one) => one.rework).length, deployments.length, "deployments"),
    recovery: () => median(recovered, "failed deployments that recovered"),
  };
}

function errorsOf(deployments: Cell["deployments"]): Case[] {
  return deployments.filter((one) => one.spans > 0).map((one) => ({ part: one.errors, whole: one.spans }));
}

function violationsOf(deployments: Cell["deployments"]): Case[] {
  return deployments.filter((one) => one.evaluated > 0).map((one) => ({ part: one.violated, whole: one.evaluated }));
}

function entriesOf(deployments: Cell["deployments"]): number {
  return deployments.reduce((total, one) => total + one.entries, 0);
}
