import type { ChangeReport, CycleSpread, Figure, Report, ReportRow, TrendPoint } from "../types.ts";
import { DAY_MS } from "../limits.ts";
import { outOf, showCount, showDuration, showFigure, showValue } from "./numbers.ts";
import { left, right, type Cell, type Sheet } from "./sheet.ts";

const COMPARISONS_SHOWN = 8;
const BY_ASSISTANTS: readonly string[] = ["aiLines", "aiStanding", "aiCommits"];

const SIZE = "The size of a change is the lines that it adds and deletes, generated, vendored and lock files apart; comparisons go by it.";

export function reportSheet(report: Report): Sheet {
  const measures = report.measures.filter(({ totalOnly }) => totalOnly !== true);
  const line = (row: ReportRow): Cell[] => [
    row.label,
    showCount(row.size.changes),
    showCount(row.size.deployed),
    row.size.medianLines === null ? "–" : showCount(row.size.medianLines),
    showCount(row.size.exposure),
    ...measures.map(({ key, unit }) => outOf(row.figures[key] as Figure, unit)),
  ];
  return {
    title: `Reliability by ${report.query.by}${period(report.query)}`,
    columns: [left(titled(report.query.by)), right("Commits"), right("Deployed changes"), right("Median lines changed"), right("Entries served"), ...measures.map(({ title }) => right(title))],
    rows: [...report.rows.map(line), line(report.total)],
    below: [...besides(report), ...said(report), SIZE, ...report.notes],
  };
}

export function changesSheet(report: ChangeReport): Sheet {
  return {
    title: "Commits",
    columns: [left("Commit"), left("Subject"), left("Who"), right("Lines"), left("First deployed"), right("Lead time"), right("Entries"), right("Errors"), right("Violations"), right("Incidents"), right("Redeploys until held"), right("Time to recovery"), right("Redeploys")],
    rows: report.rows.map((row) => [
      row.commit.slice(0, 10),
      row.subject,
      who(row.authorship, row.agent, row.model) + (row.conflict ? " (evidence conflicts)" : ""),
      // A commit that is known from a ranking only has no size, which is not 0.
      row.files === 0 && row.deployments.length === 0 && row.incidents.length > 0 ? "–" : `+${showCount(row.linesAdded)} −${showCount(row.linesDeleted)}`,
      row.deployments[0] === undefined ? "–" : day(row.deployments[0].deployedAt),
      row.leadMs === null ? "–" : showDuration(row.leadMs),
      showCount(row.exposure.entries),
      showCount(row.exposure.errors),
      showCount(row.exposure.violations),
      row.incidents.length,
      row.incidents.map((one) => one.cycles ?? still(one.status)).join(", ") || "–",
      row.incidents.map((one) => (one.recoveryMs === null ? still(one.status) : showDuration(one.recoveryMs))).join(", ") || "–",
      row.redeploys,
    ]),
    below: [...(report.more > 0 ? [`${showCount(report.more)} more commits are not shown (--limit, --offset).`] : []), ...report.notes],
  };
}

function still(status: string): string {
  return status === "closed" ? "–" : "open";
}

/** The same for a file: whole ids, times as ISO text and milliseconds, nothing rounded. */
export function changesFile(report: ChangeReport): Sheet {
  const columns = ["repository", "commit", "subject", "author", "committed_at", "authorship", "agent", "model", "confidence", "conflict", "teams", "files", "lines_added", "lines_deleted", "first_deployed_at", "deployments", "lead_ms", "entries", "spans", "errors", "violations", "incidents", "cycles", "recovery_ms", "redeploys"];
  return {
    title: "Commits",
    columns: columns.map((title) => left(title)),
    rows: report.rows.map((row): Cell[] => {
      const { entries, spans, errors, violations } = row.exposure;
      const first = row.deployments[0];
      return [
        row.repository, row.commit, row.subject, row.authorName, iso(row.committedAt), row.authorship, row.agent, row.model, row.confidence, String(row.conflict), list(row.teams), row.files, row.linesAdded, row.linesDeleted,
        first === undefined ? null : iso(first.deployedAt), list(row.deployments.map((one) => `${one.service}/${one.environment}`)), row.leadMs, entries, spans, errors, violations,
        list(row.incidents.map((one) => one.incidentId)), list(row.incidents.map((one) => one.cycles)), list(row.incidents.map((one) => one.recoveryMs)), row.redeploys,
      ];
    }),
    below: [],
  };
}

/** Several values in one cell, as JSON: names may hold any separator, and what is missing has its place. */
function list(values: readonly (string | number | null)[]): string {
  return values.length === 0 ? "" : JSON.stringify(values);
}

/** Weeks for a file: counts only, which whoever reads it can divide. */
export function trendFile(points: readonly TrendPoint[]): Sheet {
  const columns = ["week", "lines_ai", "lines_mixed", "lines_human", "lines_unknown", "commits", "commits_ai", "deployments", "failed_deployments"];
  return { title: "Weeks", columns: columns.map((title) => left(title)), rows: points.map((one) => [day(one.week), one.linesAi, one.linesMixed, one.linesHuman, one.linesUnknown, one.commits, one.commitsAi, one.deployments, one.failedDeployments]), below: [] };
}

/** Redeploys for a file: counts only. */
export function cyclesFile(spreads: readonly CycleSpread[]): Sheet {
  return { title: "Cycles", columns: ["of", "closed", "one", "two_or_three", "four_or_more"].map((title) => left(title)), rows: spreads.map((one) => [one.label, one.closed, one.one, one.twoOrThree, one.fourOrMore]), below: [] };
}

export function trendSheet(points: readonly TrendPoint[]): Sheet {
  return {
    title: "Week by week (weeks begin on Monday, UTC)",
    columns: [left("Week"), right("AI lines"), right("Mixed lines"), right("Human lines"), right("Unknown lines"), right("AI share of lines"), right("Commits"), right("AI commits"), right("Deployments"), right("Failed deployments")],
    rows: points.map((one) => {
      const all = one.linesAi + one.linesMixed + one.linesHuman + one.linesUnknown;
      return [day(one.week), one.linesAi, one.linesMixed, one.linesHuman, one.linesUnknown, showValue(all === 0 ? null : one.linesAi / all, "share"), one.commits, one.commitsAi, one.deployments, one.failedDeployments];
    }),
    below: ["Unknown lines are not human lines: nothing says who wrote them.", "The first and the last week hold only what is within the period."],
  };
}

export function cyclesSheet(spreads: readonly CycleSpread[]): Sheet {
  const part = (count: number, closed: number): string => (closed === 0 ? "–" : `${count} (${showValue(count / closed, "share")})`);
  return {
    title: "Redeploys until an incident was held",
    columns: [left("Of"), right("Closed incidents"), right("One"), right("Two or three"), right("Four or more")],
    rows: spreads.map((one) => [one.label, one.closed, part(one.one, one.closed), part(one.twoOrThree, one.closed), part(one.fourOrMore, one.closed)]),
    below: ["Beside it a survey of 200 leaders (Lightrun, April 2026, self-reported): one 0%, two to three 88%, four to six 11%."],
  };
}

export function who(authorship: ReportRow["authorship"], agent: string, model: string): string {
  if (authorship === null || authorship === "unknown") return "unknown";
  if (authorship === "human") return "person";
  const name = `${agent === "" ? "assistant" : agent}${model === "" ? "" : ` (${model})`}`;
  return authorship === "mixed" ? `${name}, mixed` : name;
}

export function day(ms: number): string {
  return (iso(ms) ?? "–").slice(0, 10);
}

/** A commit may name any time, and a date beyond the calendar has no text. */
function iso(ms: number): string | null {
  return Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : null;
}

function period({ since, until }: Report["query"]): string {
  return `${since === undefined ? "" : `, from ${moment(since)}`}${until === undefined ? "" : `, before ${moment(until)}`}`;
}

/** A day where it begins then, in UTC; else the minute too. */
function moment(ms: number): string {
  return ms % DAY_MS === 0 ? day(ms) : `${day(ms)} ${(iso(ms) ?? "").slice(11, 16)} UTC`;
}

function titled(by: string): string {
  return by.slice(0, 1).toUpperCase() + by.slice(1);
}

/** Which rows were compared, and when two are said to differ. */
export function comparedOf(rows: number, left: number): string {
  return `Compared: ${left > 0 ? `the ${rows} largest rows with a known author, each with each other (${left} smaller ones are not)` : `all ${rows} rows with a known author, each with each other`}. A difference is said where chance would bring it in fewer than one of 200 comparisons.`;
}

/** The totals that a published figure stands beside. */
function besides({ measures, total }: Report): string[] {
  return measures.flatMap(({ key, title, unit, reference }) => {
    const figure = total.figures[key];
    if (reference === undefined || figure === undefined || figure.value === null) return [];
    // Of what nobody is named for, some may be theirs as well.
    const least = BY_ASSISTANTS.includes(key) && (total.figures["unknownLines"]?.numerator ?? 0) > 0 ? "at least " : "";
    return [`${title}: ${least}${showFigure(figure, unit)} of ${showCount(figure.denominator)}, beside ${reference.label} (${reference.source}).`];
  });
}

function said({ rows, comparisons, compared }: Report): string[] {
  const few = rows.some((row) => Object.values(row.figures).some(({ value, warning }) => value !== null && warning !== null));
  // Figures that stand apart where the changes were not alike: that nothing is concluded must be said beside them.
  const shown = [...comparisons.filter((one) => one.different), ...comparisons.filter((one) => one.outcome === "unlike")].slice(0, COMPARISONS_SHOWN);
  return [
    `${few ? "* The sample is too small to compare. " : ""}Ranges in brackets hold the true value with 95% confidence; what stands after "of" is the denominator.`,
    ...(shown.length === 0 && rows.length > 1 ? ["No difference between rows is shown by these data."] : shown.map((one) => one.says)),
    ...(rows.length > 1 ? [comparedOf(compared.rows.length, compared.left)] : []),
  ];
}
