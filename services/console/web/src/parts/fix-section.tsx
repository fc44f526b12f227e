import type { Incident, Proposal, ReproductionRecord, VerificationStep } from "@firstfix/incident";
import { useState, type ReactNode } from "react";
import { actorName, duration, plural, short } from "../format.ts";
import { ApproveDialog } from "./approve-dialog.tsx";
import { Ago, Command, Foreign, Revision, Says, Time } from "./common.tsx";
import { DiffView } from "./diff-view.tsx";
import { Fold, useRoom } from "./fold.tsx";
import { VerdictPill } from "./sprt-bar.tsx";

const GENERATORS = { revert: "Rolls back", template: "Fixes forward · template", model: "Fixes forward · local model" } as const;

const STEP_NAMES: Readonly<Record<VerificationStep["step"], string>> = {
  applies: "Applies",
  parses: "Parses",
  reproduction: "Reproduction passes",
  tests: "Tests pass",
  requirement: "Requirement holds",
  "other-checks": "Other checks hold",
  variations: "Varied inputs",
};

export function FixSection({ incident, reload }: { readonly incident: Incident; readonly reload: () => void }): ReactNode {
  const verified = incident.proposals.filter((one) => one.verified).toSorted((a, b) => weight(b) - weight(a) || b.madeAt - a.madeAt);
  const rejected = incident.proposals.filter((one) => !one.verified);
  const working = incident.status === "fixing";
  const round = incident.fixRounds.at(-1);
  return (
    <section className="card" id="fix" aria-labelledby="fix-title">
      <div className="card-title">
        <h2 id="fix-title">Fix</h2>
        <span className="muted small">{summary(incident)}</span>
      </div>
      {working && <Progress incident={incident} />}
      {incident.reproduction !== null && <Reproduction reproduction={incident.reproduction} />}
      {verified.map((one, index) => (
        <ProposalBlock key={one.proposalId} proposal={one} incident={incident} reload={reload} first={index === 0} />
      ))}
      {!working && incident.proposals.length === 0 && (
        <p className="card-body muted">{round === undefined ? "The fixer has not begun yet." : `No proposal. ${round.says}`}</p>
      )}
      {rejected.length > 0 && (
        <details className="part rejected">
          <summary>{plural(rejected.length, "candidate")} that did not pass verification</summary>
          {rejected.map((one) => (
            <ProposalBlock key={one.proposalId} proposal={one} incident={incident} reload={reload} first={rejected.length === 1} />
          ))}
        </details>
      )}
    </section>
  );
}

/** What a person acted on comes first; a fix forward before a revert. */
function weight(proposal: Proposal): number {
  return (proposal.commit !== null ? 4 : 0) + (proposal.approval !== null ? 2 : 0) + (proposal.generator === "revert" ? 0 : 1);
}

function summary(incident: Incident): string {
  const round = incident.fixRounds.at(-1);
  if (round === undefined) return "";
  const which = incident.fixRounds.length > 1 ? `Round ${round.round}: ` : "";
  if (round.endedAt === null) return `${which}running`;
  return `${which}${round.says} Took ${duration(round.endedAt - round.startedAt)}.`;
}

function Progress({ incident }: { readonly incident: Incident }): ReactNode {
  const since = incident.fixRounds.at(-1)?.startedAt ?? 0;
  const lines = incident.progress.filter((one) => one.at >= since).slice(-8);
  return (
    <div className="part" role="status" aria-label="Progress of the fixer">
      <h3 className="working-line">Working on it</h3>
      <ol className="progress">
        {lines.map((one, index) => (
          <li key={one.at + one.says} className={index === lines.length - 1 ? "now" : undefined}>
            <span className="small muted">
              <Time at={one.at} />
            </span>
            <Says text={one.says} />
          </li>
        ))}
        {lines.length === 0 && <li className="now">Began</li>}
      </ol>
    </div>
  );
}

const REPRODUCED = { reproduced: ["good", "Reproduced"], "not-reproduced": ["bad", "Not reproduced"], impossible: ["", "Cannot be reproduced"] } as const;

function Reproduction({ reproduction }: { readonly reproduction: ReproductionRecord }): ReactNode {
  const [tone, label] = REPRODUCED[reproduction.status];
  const { request } = reproduction;
  const room = useRoom();
  return (
    <div className="part">
      <div className="row">
        <h3>Reproduction</h3>
        <span className={`tag ${tone}`}>{label}</span>
        <span className="tag">{reproduction.method}</span>
        <span className={`tag${reproduction.sandbox === "none" ? " bad" : ""}`}>{reproduction.sandbox === "none" ? "without a sandbox" : "in bubblewrap, without network"}</span>
      </div>
      <p>
        <Says text={reproduction.says} />
      </p>
      <Fold title={<h4 className="label">What was sent and what came back</h4>} open={room}>
      <div className="halves">
        {request !== null && (
          <div>
            <h4 className="label">Request</h4>
            <pre className="block">
              {request.method} {request.target}
              {request.body !== null && `\n\n${request.body.slice(0, 4000)}`}
            </pre>
          </div>
        )}
        {reproduction.output !== "" && (
          <div>
            <h4 className="label">What came back</h4>
            <pre className="block">{reproduction.output.slice(0, 8000)}</pre>
          </div>
        )}
      </div>
      </Fold>
      {reproduction.test !== null && (
        <details>
          <summary className="small">
            As a test: <code>{reproduction.test.path}</code>
          </summary>
          <pre className="block">{reproduction.test.text}</pre>
        </details>
      )}
    </div>
  );
}

interface ProposalProps {
  readonly proposal: Proposal;
  readonly incident: Incident;
  readonly reload: () => void;
  /** Shown whole from the start; the others show their steps and diff when asked. */
  readonly first: boolean;
}

function ProposalBlock({ proposal, incident, reload, first }: ProposalProps): ReactNode {
  const [asking, setAsking] = useState(false);
  const room = useRoom();
  const [whole, setWhole] = useState(first && room);
  const open = !["approved", "committed", "verifying", "closed"].includes(incident.status);
  const approvable = proposal.verified && proposal.approval === null && open;
  return (
    <article className={`part proposal${proposal.verified ? " verified" : ""}`} data-proposal={proposal.proposalId}>
      <div className="row spread proposal-head">
        <div className="row">
          <h3>
            <Foreign text={proposal.title} max={200} />
          </h3>
          <span className={`tag ${proposal.verified ? "good" : "bad"}`}>{proposal.verified ? "✓ Verified" : "✕ Not verified"}</span>
          <span className="tag">{GENERATORS[proposal.generator]}</span>
        </div>
        {approvable && (
          <button type="button" className="button primary" onClick={() => setAsking(true)}>
            Approve this fix…
          </button>
        )}
      </div>
      {proposal.explanation !== "" && (
        <p>
          <Says text={proposal.explanation} max={1000} />
        </p>
      )}
      {proposal.commitFailure !== null && (
        <p className="notice error">
          The commit failed: <Foreign text={proposal.commitFailure} />
        </p>
      )}
      {proposal.approval !== null && <Outcome proposal={proposal} incident={incident} />}
      {whole ? (
        <>
          <Steps steps={proposal.steps} />
          {proposal.diff !== "" && <DiffView diff={proposal.diff} />}
        </>
      ) : (
        <div className="row">
          <button type="button" className="button" onClick={() => setWhole(true)}>
            Show its verification and diff
          </button>
          <span className="small muted">{tally(proposal.steps)}</span>
        </div>
      )}
      {asking && <ApproveDialog incidentId={incident.incidentId} proposal={proposal} close={() => setAsking(false)} reload={reload} />}
    </article>
  );
}

function Outcome({ proposal, incident }: { readonly proposal: Proposal; readonly incident: Incident }): ReactNode {
  if (proposal.approval === null) return null;
  const cycles = incident.cycles.filter((one) => one.commit === proposal.commit?.id);
  return (
    <div className="outcome">
      <p>
        Approved by{" "}
        <strong>
          <Foreign text={actorName(proposal.approval.by)} max={80} />
        </strong>{" "}
        <Ago at={proposal.approval.at} />
        {proposal.commit === null ? (
          "; being committed…"
        ) : (
          <>
            , committed as <code title={proposal.commit.id}>{short(proposal.commit.id)}</code> on <code>{proposal.commit.branch}</code>.
          </>
        )}
      </p>
      {cycles.map((one) => (
        <p key={one.cycle} className="row small">
          <VerdictPill verdict={one.verdict} />
          <span>
            Cycle {one.cycle}, deployed as <Revision id={one.deployment.revision} /> <Ago at={one.startedAt} />
            {one.test !== null && `: ${plural(one.test.failures, "failure")} in ${plural(one.test.trials, "trial")}`}
          </span>
        </p>
      ))}
      {proposal.commit !== null && cycles.length === 0 && <Command text={`git merge ${proposal.commit.branch}`} />}
    </div>
  );
}

const MARKS = { passed: "✓", failed: "✕", skipped: "–" } as const;

function Steps({ steps }: { readonly steps: readonly VerificationStep[] }): ReactNode {
  if (steps.length === 0) return <p className="small muted">No verification step is recorded.</p>;
  return (
    <div>
      <h4 className="label">
        Verification <span className="plain-case">{tally(steps)}</span>
      </h4>
      <ol className="steps">
        {steps.map((one) => (
          <li key={one.step} data-status={one.status}>
            <Step step={one} />
          </li>
        ))}
      </ol>
    </div>
  );
}

function tally(steps: readonly VerificationStep[]): string {
  const ran = steps.filter((one) => one.status !== "skipped");
  const passed = ran.filter((one) => one.status === "passed").length;
  return `${passed} of ${ran.length} steps that ran passed${ran.length < steps.length ? `, ${steps.length - ran.length} skipped` : ""}`;
}

function Step({ step }: { readonly step: VerificationStep }): ReactNode {
  const head = (
    <>
      <span className="step-mark" aria-label={step.status}>
        {MARKS[step.status]}
      </span>
      <span className="step-name">{STEP_NAMES[step.step]}</span>
      <span className="step-says small">
        <Says text={step.says} />
      </span>
      <span className="step-time small muted num">{step.status === "skipped" ? "skipped" : duration(step.ms)}</span>
    </>
  );
  if (step.output === "") return <div className="step-head">{head}</div>;
  return (
    <details open={step.status === "failed"}>
      <summary className="step-head">{head}</summary>
      <pre className="block">{step.output.slice(0, 16_000)}</pre>
    </details>
  );
}
