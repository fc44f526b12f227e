import type { Incident } from "@firstfix/incident";
import type { Story } from "./story.ts";

/** Tells each thing that happens to an incident once, as it shows up in the console's API. */
export class Narrator {
  readonly #story: Story;
  readonly #told = new Set<string>();

  constructor(story: Story) {
    this.#story = story;
  }

  watch(incidents: readonly Incident[]): void {
    incidents.forEach((incident, index) => this.#incident(incident, `#${index + 1}`));
  }

  #incident(incident: Incident, name: string): void {
    const once = (key: string, line: () => string): void => {
      if (this.#told.has(incident.incidentId + key)) return;
      this.#told.add(incident.incidentId + key);
      this.#story.tell(`${name} ${line()}`);
    };
    for (const finding of incident.findings) once(`finding ${finding.key}`, () => `${finding.kind === "error" ? "error" : "requirement violated"}: ${oneLine(finding.title)}`);
    const suspect = incident.ranking?.suspects[0];
    if (incident.ranking !== null) {
      once("suspect", () =>
        suspect === undefined || incident.ranking?.abstained != null
          ? `no suspect is named: ${incident.ranking?.abstained ?? "no candidate"}`
          : `suspect ${suspect.commit.slice(0, 10)} “${suspect.subject}”, written by ${suspect.attribution.agent || suspect.attribution.authorship} (score ${suspect.score.toFixed(2)})`);
    }
    for (const problem of incident.problems) once(`problem ${problem.says}`, () => `problem: ${problem.says}`);
    if (incident.reproduction !== null) once("reproduction", () => `${incident.reproduction?.status}: ${oneLine(incident.reproduction?.says ?? "")}`);
    for (const proposal of incident.proposals) {
      const steps = proposal.steps.map((step) => `${step.step} ${step.status === "passed" ? "✓" : step.status === "failed" ? "✗" : "–"}`).join("  ");
      once(`proposal ${proposal.proposalId}`, () => `${proposal.verified ? "verified proposal" : "proposal that failed"} (${proposal.generator}): ${oneLine(proposal.title)}\n             ${steps}`);
      if (proposal.approval !== null) once(`approved ${proposal.proposalId}`, () => `approved by ${proposal.approval?.by.replace("person:", "")}`);
      if (proposal.commit !== null) once(`committed ${proposal.proposalId}`, () => `committed ${proposal.commit?.id.slice(0, 10)} on ${proposal.commit?.branch}`);
      if (proposal.commitFailure !== null) once(`failed ${proposal.proposalId}`, () => `commit failed: ${proposal.commitFailure}`);
    }
    for (const cycle of incident.cycles) {
      once(`cycle ${cycle.cycle}`, () => `cycle ${cycle.cycle} started: ${cycle.deployment.revision.slice(0, 10)} runs the fix`);
      if (cycle.verdict !== "pending") once(`cycle ${cycle.cycle} ${cycle.verdict}`, () => `cycle ${cycle.cycle} ${cycle.verdict}: ${cycle.test?.failures} failures in ${cycle.test?.trials} trials (before: ${((cycle.test?.rateBefore ?? 0) * 100).toFixed(1)}%)`);
    }
    if (incident.status === "closed") once("closed", () => "closed");
  }
}

function oneLine(text: string): string {
  const flat = text.replaceAll(/\s+/g, " ").trim();
  return flat.length > 140 ? `${flat.slice(0, 139)}…` : flat;
}
