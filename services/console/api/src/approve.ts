import { TOPICS } from "@firstfix/bus";
import { isCurrent, type Incident } from "@firstfix/incident";
import { FirstfixError } from "@firstfix/kit";
import { appendEvents } from "@firstfix/store";
import { z } from "zod";
import { CONSOLE_LIMITS, type ConsoleDeps } from "./deps.ts";

// Control characters and those that turn the direction of text could make one name look like another in the journal.
const DECEPTIVE = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

const approvalSchema = z.strictObject({
  by: z.string().trim().min(1).max(CONSOLE_LIMITS.nameCharacters).refine((name) => !DECEPTIVE.test(name), "holds control characters"),
});

/**
 * Approvals, one at a time: each is judged by the state that the one before it has left, so two clicks cannot both win.
 * Throws not_found, bad_request or conflict.
 */
export function createApprovals(deps: ConsoleDeps): (incidentId: string, proposalId: string, body: unknown) => Promise<void> {
  let last: Promise<unknown> = Promise.resolve();
  return (incidentId, proposalId, body) => {
    const mine = last.then(() => approve(deps, incidentId, proposalId, body));
    last = mine.catch(() => {});
    return mine;
  };
}

async function approve(deps: ConsoleDeps, incidentId: string, proposalId: string, body: unknown): Promise<void> {
  const request = approvalSchema.safeParse(body);
  if (!request.success) {
    throw new FirstfixError("bad_request", "the approval must name who gives it", { hint: `Send {"by": "NAME"} with a name of 1 to ${CONSOLE_LIMITS.nameCharacters} characters.` });
  }
  await deps.journal.refresh();
  const incident = deps.journal.state.incidents.get(incidentId);
  if (incident === undefined) throw new FirstfixError("not_found", `there is no incident ${incidentId}`, { hint: "Look at the list of incidents." });
  check(incident, proposalId);
  await appendEvents(deps.store, `person:${request.data.by}`, [{ event: { kind: "proposal.approved", incidentId, proposalId } }]);
  deps.bus.hint(TOPICS.journalWritten);
  await deps.journal.refresh();
}

function check(incident: Incident, proposalId: string): void {
  const proposal = incident.proposals.find((one) => one.proposalId === proposalId);
  if (proposal === undefined) throw new FirstfixError("not_found", `there is no proposal ${proposalId}`, { hint: "Look at the incident's proposals." });
  if (!proposal.verified) throw new FirstfixError("conflict", "this proposal is not verified", { hint: "Only a proposal that passed its verification can be approved." });
  if (!isCurrent(incident, proposal)) throw new FirstfixError("conflict", "this proposal was made before the incident was reopened", { hint: "Wait for the proposals of the new round." });
  if (proposal.approval !== null) throw new FirstfixError("conflict", `this proposal was approved already by ${proposal.approval.by.replace(/^person:/, "")}`, { hint: "Reload the incident." });
  if (["approved", "committed", "verifying", "closed"].includes(incident.status)) {
    throw new FirstfixError("conflict", `the incident is ${incident.status} already`, { hint: "Another proposal was approved. Reload the incident." });
  }
}
