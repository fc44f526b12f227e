import type { Incident, Proposal } from "@firstfix/incident";
import { cleanLine } from "../text.ts";

const SUBJECT_CHARS = 72;
const WIDTH = 96;

/**
 * The commit message: subject, why, the evidence, and the trailers by which the deployment that carries it is known.
 * Text of telemetry stands in it, so each piece is one line, bounded, and can never look like a trailer of its own.
 */
export function messageOfCommit(incident: Incident, proposal: Proposal): string {
  const finding = incident.findings[0];
  const subject = cleanLine(`fix: ${proposal.title.charAt(0).toLowerCase()}${proposal.title.slice(1)}`, SUBJECT_CHARS);
  const evidence = proposal.steps.filter((step) => step.status !== "skipped").map((step) => `- ${step.step}: ${step.status}. ${safe(step.says)}`);
  const skipped = proposal.steps.filter((step) => step.status === "skipped").map((step) => step.step);
  const body = [
    ...(finding === undefined ? [] : [`Mends what ${safe(incident.deployment.service)} shows in ${safe(incident.deployment.environment)}: ${safe(finding.title)}`, ""]),
    safe(proposal.explanation),
    "",
    "Verified before the redeploy, at the failing revision:",
    ...evidence,
    ...(skipped.length === 0 ? [] : [`Not run: ${skipped.join(", ")}.`]),
  ];
  return `${subject}\n\n${body.map(wrap).join("\n")}\n\nFirstfix-Incident: ${cleanLine(incident.incidentId, 80)}\nFirstfix-Proposal: ${cleanLine(proposal.proposalId, 80)}\n`;
}

function safe(text: string): string {
  return cleanLine(text, 400).replace(/^([A-Za-z-]+):/, "$1 :");
}

/** Continuation lines are indented, so that no wrapped text begins a line of its own. */
function wrap(line: string): string {
  const words = line.split(" ");
  const lines: string[] = [];
  let current = "";
  for (const word of words) {
    if (current !== "" && current.length + word.length + 1 > WIDTH) {
      lines.push(current);
      current = `  ${word}`;
    } else current = current === "" ? word : `${current} ${word}`;
  }
  return [...lines, current].join("\n");
}
