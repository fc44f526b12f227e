import type { Dimension, Measure } from "./types.ts";

const MICROSOFT_GOOGLE = { value: 0.25, label: "25%", source: "of the code of Microsoft and of Google, as they report" } as const;
const SURVEY = "Lightrun's survey of 200 SRE and DevOps leaders, April 2026, self-reported";

/** Rows of these dimensions are authors: a line counts for whoever wrote it, whatever the commit says as a whole. */
export const AUTHOR_DIMENSIONS: readonly Dimension[] = ["assistant", "model", "authorship"];

/** Only where rows are authors: their part of the whole. */
const PARTS: readonly Measure[] = [
  { key: "linesShare", title: "Share of lines written", definition: "Lines that the changes of the period add and that this row wrote.", denominator: "All lines that the changes of the period add.", unit: "share", better: null },
  { key: "standingShare", title: "Share of lines standing", definition: "Lines in the newest backfilled revision of each repository that this row wrote, by blame.", denominator: "All lines of those revisions, but for text files that are too long to be blamed: a note counts them.", unit: "share", better: null },
  { key: "commitsShare", title: "Share of commits", definition: "Commits of the period that this row wrote as a whole.", denominator: "All commits of the period, merges apart.", unit: "share", better: null },
];

/** Of one author they are all or nothing. */
const OF_WHOLES: readonly string[] = ["aiLines", "aiStanding", "aiCommits", "unknownLines", "debuggedAi"];

const COMMON: readonly Measure[] = [
  { key: "aiLines", title: "AI code share, lines written", definition: "Lines added in the period that an assistant wrote. Lines of mixed or unknown authorship are not among them, so this is a lower bound.", denominator: "All lines that the changes of the period add, merges apart.", unit: "share", better: null, reference: MICROSOFT_GOOGLE },
  { key: "aiStanding", title: "AI code share, lines standing", definition: "Lines in the newest backfilled revision that an assistant wrote, by blame. Not counted by service or by bound requirements.", denominator: "All lines of the newest backfilled revision of each repository, but for text files that are too long to be blamed: a note counts them.", unit: "share", better: null, reference: MICROSOFT_GOOGLE },
  { key: "aiCommits", title: "AI code share, commits", definition: "Commits of the period whose authorship is ai; mixed and unknown ones are not among them.", denominator: "All commits of the period, merges apart.", unit: "share", better: null, reference: MICROSOFT_GOOGLE },
  { key: "unknownLines", title: "Lines of unknown authorship", definition: "Lines added in the period for which no evidence says who wrote them. Unknown is not human: with many of them, every share by authorship is uncertain.", denominator: "All lines that the changes of the period add, merges apart.", unit: "share", better: null },
  { key: "debugged", title: "Changes that needed debugging", definition: "Changes deployed in the period that an incident blames: ranked first, and the ranking did not abstain. What an incident blamed before it came back stays blamed.", denominator: "Changes first deployed in the period.", unit: "share", better: "less" },
  { key: "debuggedAi", title: "AI-authored changes that needed debugging", definition: "The same, of changes whose authorship is ai.", denominator: "AI-authored changes first deployed in the period.", unit: "share", better: "less", reference: { value: 0.43, label: "43%", source: `of AI-generated changes: ${SURVEY}` } },
  { key: "incidents", title: "Incidents per 1,000 changes", definition: "Incidents that blame a change first deployed in the period; a change may be blamed by several, and an incident that came back counts each time.", denominator: "Changes first deployed in the period, in thousands.", unit: "per-thousand", better: "less" },
  { key: "oneCycle", title: "Held after one redeploy", definition: "Closed incidents that the first deployment which claimed to resolve them did resolve, whoever wrote the change and the fix. The survey asked about fixes that an assistant suggested.", denominator: "Incidents opened in the period that are closed and had at least one redeploy. One that came back counts again, with the redeploys since then.", unit: "share", better: "more", reference: { value: 0, label: "0%", source: `of AI-suggested fixes: ${SURVEY}` } },
  { key: "twoOrThreeCycles", title: "Two or three redeploys", definition: "Closed incidents that took two or three redeploys.", denominator: "Incidents opened in the period that are closed and had at least one redeploy. One that came back counts again, with the redeploys since then.", unit: "share", better: null, reference: { value: 0.88, label: "88%", source: `of AI-suggested fixes: ${SURVEY}` } },
  { key: "fourOrMoreCycles", title: "Four or more redeploys", definition: "Closed incidents that took four redeploys or more.", denominator: "Incidents opened in the period that are closed and had at least one redeploy. One that came back counts again, with the redeploys since then.", unit: "share", better: "less", reference: { value: 0.11, label: "11%", source: `of AI-suggested fixes, four to six redeploys: ${SURVEY}` } },
  { key: "redeploys", title: "Redeploys per incident", definition: "Deployments that claimed to resolve an incident: what it cost, open incidents included.", denominator: "Incidents opened in the period, each time that one came back included.", unit: "count", better: "less" },
  { key: "errors", title: "Errors per 1,000 spans", definition: "Spans with status error, of the revisions that brought the changes.", denominator: "All spans of those revisions, in thousands.", unit: "per-thousand", better: "less" },
  { key: "violations", title: "Violations per 1,000 evaluations", definition: "Evaluations of requirements that were violated at the revisions that brought the changes.", denominator: "All evaluations at those revisions, in thousands.", unit: "per-thousand", better: "less" },
  { key: "deploymentFrequency", title: "Deployments per week", definition: "Deployments first seen in the period: a revision that a service runs for the first time in an environment. One with changes of several authors counts for each of them.", denominator: "Weeks of the period, at the earliest since the first deployment that was ever seen in the queried places; at least one day.", unit: "count", better: "more" },
  { key: "leadTime", title: "Change lead time", definition: "From commit to first deployment, median (DORA).", denominator: "Changes first deployed in the period.", unit: "milliseconds", better: "less" },
  { key: "changeFail", title: "Change fail rate", definition: "Deployments that an incident names as the one that brought it, or with which it came back (DORA: that need immediate intervention).", denominator: "Deployments first seen in the period.", unit: "share", better: "less" },
  { key: "rework", title: "Deployment rework rate", definition: "Deployments that claimed to resolve an incident (DORA: unplanned, made because of a production incident).", denominator: "Deployments first seen in the period.", unit: "share", better: "less" },
  { key: "recovery", title: "Failed deployment recovery time", definition: "How long a failed deployment had an open incident: each from its opening, or its coming back, until production had confirmed the fix; time between them is not counted. Median (DORA).", denominator: "Failed deployments first seen in the period whose incidents are all closed.", unit: "milliseconds", better: "less" },
];

/** What a report by this dimension counts, in the order shown. */
export function measuresOf(by: Dimension): readonly Measure[] {
  return AUTHOR_DIMENSIONS.includes(by) ? BY_AUTHOR : COMMON;
}

const BY_AUTHOR: readonly Measure[] = [...PARTS, ...COMMON.map((one) => (OF_WHOLES.includes(one.key) ? { ...one, totalOnly: true as const } : one))];

export const ALL_MEASURES: readonly Measure[] = [...PARTS, ...COMMON];

/** Columns of the report by commit. */
export const CHANGE_MEASURES: readonly Measure[] = [
  { key: "exposure", title: "Entries served", definition: "Requests and messages that the revisions served which brought the commit.", denominator: "None: a count.", unit: "count", better: null },
  { key: "errors", title: "Errors", definition: "Spans with status error at those revisions. Other commits came with the same revisions: this is no blame.", denominator: "All spans of those revisions.", unit: "count", better: "less" },
  { key: "violations", title: "Violations", definition: "Violated evaluations of requirements at those revisions.", denominator: "All evaluations at those revisions.", unit: "count", better: "less" },
  { key: "incidents", title: "Incidents", definition: "Incidents that blame the commit: ranked first, and the ranking did not abstain. One that came back and blames it again counts again.", denominator: "None: a count.", unit: "count", better: "less" },
  { key: "cycles", title: "Redeploys until held", definition: "Of closed incidents: deployments that claimed to resolve it, up to the one that held; since it came back, where it did.", denominator: "None: a count.", unit: "count", better: "less" },
  { key: "recovery", title: "Time to recovery", definition: "From the opening of the incident, or from its coming back, until production had confirmed the fix.", denominator: "None: a time.", unit: "milliseconds", better: "less" },
  { key: "redeploys", title: "Redeploys", definition: "All deployments that claimed to mend what the commit broke, open incidents included.", denominator: "None: a count.", unit: "count", better: "less" },
  { key: "leadTime", title: "Lead time", definition: "From commit to first deployment.", denominator: "None: a time.", unit: "milliseconds", better: "less" },
];
