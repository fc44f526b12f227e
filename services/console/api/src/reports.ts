import { wilson, type AuthorshipRecord, type Incident, type JournalState } from "@firstfix/incident";
import { blamed, incidentRef } from "./incidents.ts";
import type { AssistantReport, AssistantRow, CommitReport, CommitRow, CycleLine, Definitions, DeploymentLine } from "./payload.ts";
import type { RevisionExposure } from "./queries.ts";

const COMMIT_DEFINITIONS: Definitions = {
  commit: "A revision that ran in production, or a commit that an incident blames.",
  blamed: "The commit ranked first for an incident. Where the ranking abstained, no commit is blamed and the incident is not in this table.",
  author: "Who wrote the commit by the evidence in the repository. It is looked up for suspected commits only; unknown is not human.",
  exposure: "Spans, and spans with status error, that services sent while they ran this revision. A blamed commit that was never a deployed revision itself has none of its own: it ran as part of a later revision.",
  cycles: "Deployments that claimed to resolve the incident, up to and with the one that held. Closed incidents only.",
};

const ASSISTANT_DEFINITIONS: Definitions = {
  assistant: "The author of the blamed commit by the strongest evidence. People: the evidence names a person. Mixed: both. Unknown: the evidence says nothing, which is not the same as human.",
  commitsBlamed: "Different commits that are ranked first for at least one incident. It is not a share of all commits: those that broke nothing are not counted here.",
  incidents: "Incidents whose blamed commit this author wrote, open and closed. Incidents without a blamed commit are left out.",
  inOne: "Closed incidents that the first claiming deployment resolved, out of all closed incidents. Open incidents are in neither number.",
  interval: "The range that holds the true share with 95% confidence (Wilson). With few closed incidents it is wide.",
};

/** A line for each deployed or blamed commit: blamed ones first, then by time. */
export function commitReport(state: JournalState, exposures: readonly RevisionExposure[]): CommitReport {
  const known = new Map<string, { subject: string; authorName: string; attribution: AuthorshipRecord }>();
  const guilt = new Map<string, Incident[]>();
  for (const incident of state.incidents.values()) {
    for (const { commit, subject, authorName, attribution } of incident.ranking?.suspects ?? []) known.set(commit, { subject, authorName, attribution });
    const commit = blamed(incident)?.commit;
    if (commit !== undefined) guilt.set(commit, [...(guilt.get(commit) ?? []), incident]);
  }
  const commits = new Set([...guilt.keys(), ...exposures.map((one) => one.revision)]);
  const rows = [...commits].map((commit): CommitRow => {
    const ran = exposures.filter((one) => one.revision === commit);
    const incidents = guilt.get(commit) ?? [];
    const about = known.get(commit);
    return {
      commit,
      subject: about?.subject ?? "",
      authorName: about?.authorName ?? "",
      authorship: about?.attribution.authorship ?? null,
      agent: about?.attribution.agent ?? "",
      model: about?.attribution.model ?? "",
      confidence: about?.attribution.confidence ?? 0,
      services: [...new Set([...ran.map((one) => one.service), ...incidents.map((one) => one.deployment.service)])].sort(),
      deployed: ran.length > 0,
      spans: ran.reduce((sum, one) => sum + one.spans, 0),
      errors: ran.reduce((sum, one) => sum + one.errors, 0),
      incidents: incidents.map(incidentRef),
      cyclesToFix: incidents.flatMap((one) => cyclesToFix(one) ?? []),
    };
  });
  return { definitions: COMMIT_DEFINITIONS, rows: rows.sort((a, b) => b.incidents.length - a.incidents.length) };
}

/** A line for each author of blamed commits, the total below. */
export function assistantReport(state: JournalState): AssistantReport {
  const groups = new Map<string, Incident[]>();
  const all: Incident[] = [];
  for (const incident of state.incidents.values()) {
    const suspect = blamed(incident);
    if (suspect === null) continue;
    const name = suspect.authorship === "ai" || (suspect.authorship === "mixed" && suspect.agent !== "") ? suspect.agent || "Unnamed assistant" : AUTHORS[suspect.authorship];
    groups.set(name, [...(groups.get(name) ?? []), incident]);
    all.push(incident);
  }
  const rows = [...groups].map(([name, incidents]) => assistantRow(name, incidents)).sort((a, b) => b.incidents - a.incidents || a.name.localeCompare(b.name));
  return { definitions: ASSISTANT_DEFINITIONS, rows, total: { ...assistantRow("All", all), authorship: null } };
}

export function cycleLines(state: JournalState): CycleLine[] {
  return [...state.incidents.values()]
    .flatMap((incident) => incident.cycles.map((cycle) => ({ ...cycle, incident: incidentRef(incident) })))
    .sort((a, b) => b.startedAt - a.startedAt);
}

/** The journal says which deployments there were, the store what they served. */
export function deploymentLines(state: JournalState, exposures: readonly RevisionExposure[]): DeploymentLine[] {
  const incidents = [...state.incidents.values()];
  const same = (a: Place, b: Place): boolean => a.service === b.service && a.environment === b.environment && a.revision === b.revision;
  const journaled = [...state.deployments.values()];
  const unjournaled = exposures.filter((one) => !journaled.some((other) => same(one, other)));
  return [...journaled, ...unjournaled.map(({ service, environment, revision, repository, firstSeen }) => ({ service, environment, revision, repository, firstSeen }))]
    .map((deployment): DeploymentLine => {
      const ran = exposures.find((one) => same(one, deployment));
      return {
        ...deployment,
        lastSeen: ran?.lastSeen ?? null,
        spans: ran?.spans ?? 0,
        errors: ran?.errors ?? 0,
        incidents: incidents.filter((one) => same(one.deployment, deployment)).map(incidentRef),
        cycles: incidents.flatMap((one) => one.cycles.filter((cycle) => same(cycle.deployment, deployment)).map((cycle) => ({ ...incidentRef(one), cycle: cycle.cycle, verdict: cycle.verdict }))),
      };
    })
    .sort((a, b) => b.firstSeen - a.firstSeen);
}

const AUTHORS = { ai: "Unnamed assistant", human: "People", mixed: "Mixed", unknown: "Unknown" } as const;

interface Place {
  readonly service: string;
  readonly environment: string;
  readonly revision: string;
}

function assistantRow(name: string, incidents: readonly Incident[]): AssistantRow {
  const cycles = incidents.flatMap((one) => cyclesToFix(one) ?? []);
  const inOne = cycles.filter((count) => count === 1).length;
  const suspects = incidents.flatMap((one) => blamed(one) ?? []);
  return {
    name,
    authorship: suspects[0]?.authorship ?? null,
    models: [...new Set(suspects.map((one) => one.model).filter((model) => model !== ""))].sort(),
    commitsBlamed: new Set(suspects.map((one) => one.commit)).size,
    incidents: incidents.length,
    closed: cycles.length,
    inOne,
    inTwoOrThree: cycles.filter((count) => count === 2 || count === 3).length,
    inFourOrMore: cycles.filter((count) => count > 3).length,
    interval: cycles.length === 0 ? null : wilson({ failures: inOne, trials: cycles.length }),
  };
}

/** Null for an incident that is open, or that closed without any cycle. */
function cyclesToFix(incident: Incident): number | null {
  return incident.status === "closed" && incident.cycles.length > 0 ? incident.cycles.length : null;
}
