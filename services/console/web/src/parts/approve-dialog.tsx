import type { Proposal } from "@firstfix/incident";
import { useEffect, useRef, useState, type FormEvent, type ReactNode } from "react";
import { ApiError, approveProposal } from "../api.ts";
import { plural } from "../format.ts";

const NAME_KEY = "firstfix.name";

interface ApproveProps {
  readonly incidentId: string;
  readonly proposal: Proposal;
  readonly close: () => void;
  readonly reload: () => void;
}

/** Asks who approves (once per browser) and whether they mean it. A native dialog keeps the keyboard inside. */
export function ApproveDialog({ incidentId, proposal, close, reload }: ApproveProps): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  const [name, setName] = useState(remembered);
  const [state, setState] = useState<{ busy: boolean; problem: string | null }>({ busy: false, problem: null });
  useEffect(() => dialog.current?.showModal(), []);

  const approve = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setState({ busy: true, problem: null });
    try {
      await approveProposal(incidentId, proposal.proposalId, name.trim());
      remember(name.trim());
      close();
    } catch (error) {
      setState({ busy: false, problem: error instanceof ApiError ? `${error.message}. ${error.hint}` : "The console's server does not answer." });
    } finally {
      reload();
    }
  };

  return (
    <dialog ref={dialog} className="dialog" aria-labelledby="approve-title" onClose={close}>
      <form onSubmit={(event) => void approve(event)}>
        <h2 id="approve-title">Approve this fix?</h2>
        <p>
          <strong>
            <bdi>{proposal.title.slice(0, 200)}</bdi>
          </strong>
        </p>
        <p className="muted">
          Firstfix commits the change of {plural(proposal.files.length, "file")} on a new branch, with your name in the journal. It merges and deploys nothing.
        </p>
        <label className="field">
          <span className="small">Your name</span>
          <input name="by" value={name} onChange={(event) => setName(event.target.value)} required maxLength={80} autoComplete="name" autoFocus={name === ""} placeholder="Who approves this" />
        </label>
        {state.problem !== null && (
          <p className="notice error small" role="alert">
            {state.problem}
          </p>
        )}
        <div className="row dialog-end">
          <button type="button" className="button" onClick={close}>
            Cancel
          </button>
          <button type="submit" className="button primary" disabled={state.busy || name.trim() === ""} autoFocus={name !== ""}>
            {state.busy ? "Approving…" : name.trim() === "" ? "Approve" : `Approve as ${name.trim().slice(0, 24)}`}
          </button>
        </div>
      </form>
    </dialog>
  );
}

function remembered(): string {
  try {
    return localStorage.getItem(NAME_KEY) ?? "";
  } catch {
    return "";
  }
}

function remember(name: string): void {
  try {
    localStorage.setItem(NAME_KEY, name);
  } catch {
    // Without storage the name is asked for each time.
  }
}
