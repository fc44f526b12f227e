import type { Proposal } from "@firstfix/incident";
import type { ReactNode } from "react";
import { approveProposal } from "../api.ts";
import { plural } from "../format.ts";
import { ConfirmDialog } from "./confirm-dialog.tsx";

interface ApproveProps {
  readonly incidentId: string;
  readonly proposal: Proposal;
  readonly close: () => void;
  readonly reload: () => void;
}

export function ApproveDialog({ incidentId, proposal, close, reload }: ApproveProps): ReactNode {
  return (
    <ConfirmDialog title="Approve this fix?" verb="Approve" busyVerb="Approving…" placeholder="Who approves this" act={(by) => approveProposal(incidentId, proposal.proposalId, by)} close={close} reload={reload}>
      <p>
        <strong>
          <bdi>{proposal.title.slice(0, 200)}</bdi>
        </strong>
      </p>
      <p className="muted">
        Firstfix commits the change of {plural(proposal.files.length, "file")} on a new branch, with your name in the journal. It merges and deploys nothing.
      </p>
    </ConfirmDialog>
  );
}
