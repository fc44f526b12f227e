import type { Incident } from "@firstfix/incident";
import { useEffect, type ReactNode } from "react";
import { useApi, type IncidentDetail } from "../api.ts";
import { actorName, plural, short } from "../format.ts";
import { BrokeSection } from "../parts/broke-section.tsx";
import { ChangeSection } from "../parts/change-section.tsx";
import { Ago, AuthorTag, Command, Foreign, KindTag, Load, Revision, Says, StatusPill, Time } from "../parts/common.tsx";
import { CycleTable } from "../parts/cycle-table.tsx";
import { earlierOf, EpisodesSection } from "../parts/episodes-section.tsx";
import { Fold, useRoom } from "../parts/fold.tsx";
import { FixSection } from "../parts/fix-section.tsx";
import { StageRail } from "../parts/stage-rail.tsx";
import { scoresInPercent } from "../ranking.ts";
import { incidentPath, Link } from "../router.tsx";
import { stagesOf } from "../stages.ts";

export function IncidentPage({ incidentId }: { readonly incidentId: string }): ReactNode {
  const loaded = useApi<IncidentDetail>(`/api/incidents/${encodeURIComponent(incidentId)}`);
  const title = loaded.data?.incident.findings[0]?.title;
  useEffect(() => {
    if (title !== undefined) document.title = `${title.slice(0, 80)} · Firstfix`;
  }, [title]);
  return (
    <>
      <p className="small">
        <Link href="/">← All incidents</Link>
      </p>
      {loaded.data === null && loaded.error !== null && <h1>Incident</h1>}
      <Load from={loaded}>{(detail) => <Whole detail={detail} reload={() => loaded.reload()} />}</Load>
    </>
  );
}

const SECTIONS = [
  ["broke", "What broke"],
  ["change", "Which change"],
  ["fix", "Fix"],
  ["cycles", "Cycles"],
  ["earlier", "Earlier"],
  ["history", "History"],
] as const;

function Whole({ detail, reload }: { readonly detail: IncidentDetail; readonly reload: () => void }): ReactNode {
  const { incident, suspect } = detail;
  const finding = incident.findings[0];
  const { service, environment, revision } = incident.deployment;
  const earlier = earlierOf(detail);
  const opened = detail.episodes.at(-1)?.openedAt ?? incident.openedAt;
  return (
    <>
      <header className="card incident-head">
        <div className="card-body stack">
          <div className="row">
            <StatusPill status={incident.status} ready={incident.proposals.some((one) => one.verified)} merged={incident.mergedInto !== null} />
            {finding !== undefined && <KindTag kind={finding.kind} />}
            <span className="small muted">
              <code>{incident.incidentId}</code>
            </span>
          </div>
          <h1>
            <Foreign text={finding?.title ?? incident.incidentId} max={300} />
          </h1>
          <dl className="meta small">
            <div>
              <dt>Service</dt>
              <dd>
                <Foreign text={service || "unnamed"} max={60} /> in <Foreign text={environment || "no environment"} max={40} />
              </dd>
            </div>
            <div>
              <dt>First failing revision</dt>
              <dd>
                <Revision id={revision} />
              </dd>
            </div>
            <div>
              <dt>{earlier.length === 0 ? "Opened" : "Came back"}</dt>
              <dd>
                <Ago at={opened} />
                {earlier.length > 0 && (
                  <>
                    , <a href="#earlier">after {plural(earlier.length, "earlier failure")}</a>
                  </>
                )}
              </dd>
            </div>
            <div>
              <dt>Seen</dt>
              <dd className="num">{plural(Math.max(finding?.count ?? 0, detail.exposure[0]?.occurrences ?? 0), "time")}</dd>
            </div>
            {suspect !== null && (
              <div>
                <dt>Suspect</dt>
                <dd className="row">
                  <a href="#change">
                    <Revision id={suspect.commit} />
                  </a>
                  <AuthorTag by={suspect} confidence={false} />
                </dd>
              </div>
            )}
          </dl>
        </div>
        <StageRail stages={stagesOf(incident, detail.history)} closed={incident.status === "closed" && incident.mergedInto === null} />
        <NextStep incident={incident} />
      </header>
      {incident.problems.map((problem) => (
        <div key={problem.says} className="notice">
          <strong>
            <Says text={problem.says} />
          </strong>{" "}
          <span className="muted">
            <Says text={problem.hint} />
          </span>
        </div>
      ))}
      <nav className="section-nav" aria-label="Parts of this incident">
        {SECTIONS.filter(([id]) => id !== "earlier" || earlier.length > 0).map(([id, label]) => (
          <a key={id} href={`#${id}`}>
            {label}
          </a>
        ))}
      </nav>
      <BrokeSection detail={detail} />
      <ChangeSection incident={incident} blind={detail.blind} />
      <FixSection incident={incident} reload={reload} />
      <section className="card" id="cycles" aria-labelledby="cycles-title">
        <div className="card-title">
          <h2 id="cycles-title">Cycles</h2>
          <span className="muted small">Each deployment that claims to resolve this incident, judged on production traffic.</span>
        </div>
        {incident.cycles.length === 0 ? (
          <p className="card-body muted">None yet. The next deployment whose history holds the fix begins the first cycle.</p>
        ) : (
          <CycleTable cycles={incident.cycles.toSorted((a, b) => b.cycle - a.cycle).map((cycle) => ({ ...cycle, incident: null }))} />
        )}
        {incident.reopenings.map((one) => (
          <p key={one.at} className="card-note small">
            Reopened at <Time at={one.at} />: {one.says}
          </p>
        ))}
      </section>
      <EpisodesSection detail={detail} />
      <History detail={detail} />
    </>
  );
}

/** One sentence about what happens next and who must act. */
function NextStep({ incident }: { readonly incident: Incident }): ReactNode {
  if (incident.mergedInto !== null) {
    return (
      <div className="next">
        <p>
          <strong>
            Merged into <Link href={incidentPath(incident.mergedInto)}>{incident.mergedInto}</Link>.
          </strong>{" "}
          Its errors count there, and that incident tells the rest. It is neither solved nor verified here.
        </p>
      </div>
    );
  }
  const committed = incident.proposals.findLast((one) => one.commit !== null);
  const approved = incident.proposals.findLast((one) => one.approval !== null);
  const cycle = incident.cycles.at(-1);
  const verified = incident.proposals.filter((one) => one.verified).length;
  switch (incident.status) {
    case "proposed":
      return (
        <div className="next due">
          <p>
            <strong>{plural(verified, "verified fix", "verified fixes")} {verified === 1 ? "waits" : "wait"} for your approval.</strong> Nothing is committed before a person approves.
          </p>
          <a className="button primary" href="#fix">
            Review the fix
          </a>
        </div>
      );
    case "open":
      return (
        <div className="next">
          <p>{openStep(incident)}</p>
        </div>
      );
    case "fixing":
      return (
        <div className="next">
          <p className="working-line">{incident.progress.at(-1)?.says ?? "Reproducing the failure"}…</p>
        </div>
      );
    case "approved":
      return (
        <div className="next">
          <p className="working-line">Approved by {approved?.approval == null ? "a person" : actorName(approved.approval.by)}. The fix is being committed on a branch…</p>
        </div>
      );
    case "committed":
      return (
        <div className="next due">
          <div className="stack">
            <p>
              <strong>Merge and deploy the fix.</strong> It stands on branch <code>{committed?.commit?.branch}</code>. The next deployment that holds commit <code>{short(committed?.commit?.id ?? "")}</code> is judged by itself.
            </p>
            <Command text={`git merge ${committed?.commit?.branch ?? ""}`} />
          </div>
        </div>
      );
    case "verifying":
      return (
        <div className="next">
          <p className="working-line">
            Cycle {cycle?.cycle} runs on revision {short(cycle?.deployment.revision ?? "")}
            {cycle?.test == null ? ". Waiting for its first traffic" : `: ${plural(cycle.test.failures, "failure")} in ${plural(cycle.test.trials, "trial")} so far`}…
          </p>
        </div>
      );
    case "closed":
      return (
        <div className="next good">
          <p>
            <strong>Held in production.</strong> {incident.cycles.length > 0 ? `Closed after ${plural(incident.cycles.length, "cycle")}` : "Closed"}
            {cycle?.test == null ? "." : `: ${plural(cycle.test.failures, "failure")} in ${plural(cycle.test.trials, "trial")} since the fix was deployed.`}
          </p>
        </div>
      );
  }
}

function openStep(incident: Incident): string {
  const round = incident.fixRounds.at(-1);
  if (round?.endedAt != null) return `No fix is verified yet. ${round.says}`;
  if (incident.ranking !== null) return "Waiting for the fixer to begin.";
  return incident.problems.length > 0 ? "Something is missing to go on: see below." : "Looking for the change behind it…";
}

function History({ detail }: { readonly detail: IncidentDetail }): ReactNode {
  const room = useRoom();
  return (
    <section className="card" id="history" aria-labelledby="history-title">
      <div className="card-title">
        <h2 id="history-title">History</h2>
        <span className="muted small">Every decision, as it stands in the journal.</span>
      </div>
      <Fold title={<span>{plural(detail.history.length, "entry", "entries")}</span>} open={room}>
      <ol className="history">
        {detail.history.toReversed().map((line, index) => (
          <li key={index}>
            <Time at={line.at} />
            <span className="small muted clip" title={line.actor}>
              <bdi>{actorName(line.actor)}</bdi>
            </span>
            <span>
              <Says text={line.kind === "suspects.ranked" ? scoresInPercent(line.says, detail.incident.ranking?.suspects ?? []) : line.says} max={300} />
            </span>
          </li>
        ))}
      </ol>
      </Fold>
    </section>
  );
}
