import type { Incident, IncidentEvent, Proposal } from "@firstfix/incident";
import { FirstfixError, messageOf } from "@firstfix/kit";
import type { Repository } from "@firstfix/provenance";
import { applyPatch, parsePatch } from "diff";
import { mayChange, isPlainPath } from "../workspace/paths.ts";
import { messageOfCommit } from "./message.ts";

const AUTHOR = { authorName: "Firstfix", authorEmail: "fix@firstfix.invalid" } as const;

/**
 * Commits an approved proposal on the branch firstfix/<incident>, on top of the revision it was verified at. Whoever
 * wrote to the journal could have named any file, so everything is checked again here. Never throws: what went wrong
 * is the event.
 */
export async function commitProposal(repo: Pick<Repository, "readFile" | "commitFiles">, incident: Incident, proposal: Proposal): Promise<IncidentEvent> {
  const { incidentId } = incident;
  const { proposalId } = proposal;
  try {
    if (!proposal.verified) throw new FirstfixError("conflict", "The proposal is not verified; only verified proposals are committed.");
    const branch = `firstfix/${incidentId}`;
    const changes = await changesOf(repo, proposal);
    const test = incident.reproduction?.test ?? null;
    if (test !== null && isPlainPath(test.path) && (await repo.readFile(proposal.base, test.path)) === null) changes.push(test);
    const commit = await repo.commitFiles({ base: proposal.base, branch, changes, message: messageOfCommit(incident, proposal), ...AUTHOR });
    return { kind: "proposal.committed", incidentId, proposalId, commit, branch };
  } catch (error) {
    return { kind: "proposal.commit-failed", incidentId, proposalId, says: messageOf(error) };
  }
}

/** The new texts, made again from the diff that the person saw: what was approved is what is committed. */
async function changesOf(repo: Pick<Repository, "readFile">, proposal: Proposal): Promise<{ path: string; text: string }[]> {
  const changes: { path: string; text: string }[] = [];
  if (proposal.diff.trim() === "") throw new FirstfixError("conflict", "The proposal changes nothing.");
  for (const patch of parsePatch(proposal.diff)) {
    const path = (patch.newFileName ?? "").replace(/^b\//, "");
    if (!mayChange(path) || !proposal.files.includes(path)) throw new FirstfixError("conflict", `The proposal changes ${JSON.stringify(path.slice(0, 200))}, which a fix may not touch.`);
    const before = await repo.readFile(proposal.base, path);
    if (before === null) throw new FirstfixError("conflict", `${path} does not exist at ${proposal.base}.`);
    const text = applyPatch(before, patch, { fuzzFactor: 0 });
    if (text === false) throw new FirstfixError("conflict", `The proposal's diff does not apply to ${path} at ${proposal.base}.`);
    changes.push({ path, text });
  }
  return changes;
}
