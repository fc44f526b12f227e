import type { IncidentStatus } from "@firstfix/incident";
import { useState, type ReactNode } from "react";
import { useApi, type IncidentLine, type Overview } from "../api.ts";
import { count, plural } from "../format.ts";
import { Ago, AuthorTag, Empty, Foreign, KindTag, Load, Revision, StatusPill } from "../parts/common.tsx";
import { incidentPath, Link } from "../router.tsx";

const FILTERS = [
  { name: "All", takes: (): boolean => true },
  { name: "Open", takes: (one: IncidentLine): boolean => one.status !== "closed" },
  { name: "Needs approval", takes: (one: IncidentLine): boolean => one.status === "proposed" },
  { name: "Closed", takes: (one: IncidentLine): boolean => one.status === "closed" && one.mergedInto === null },
] as const;

// What needs a person comes first, then what moves by itself, then what is done; within that the newest first.
const URGENCY: Readonly<Record<IncidentStatus, number>> = { proposed: 0, open: 1, committed: 2, fixing: 3, approved: 3, verifying: 3, closed: 4 };

export function IncidentsPage(): ReactNode {
  const incidents = useApi<readonly IncidentLine[]>("/api/incidents");
  const overview = useApi<Overview>("/api/overview", 5000);
  const [filter, setFilter] = useState(0);
  return (
    <>
      <div className="page-head">
        <div>
          <h1>Incidents</h1>
          <p>Errors and violated requirements in production, the change behind each, and the fix.</p>
        </div>
      </div>
      {overview.data !== null && <Facts overview={overview.data} />}
      <Load from={incidents}>
        {(lines) => {
          const takes = (FILTERS[filter] ?? FILTERS[0]).takes;
          const shown = lines.filter(takes).sort((a, b) => URGENCY[a.status] - URGENCY[b.status] || b.openedAt - a.openedAt);
          return (
            <div className="stack">
              {lines.length > 0 && (
                <div className="tabs" role="group" aria-label="Which incidents">
                  {FILTERS.map((one, index) => (
                    <button key={one.name} type="button" aria-pressed={index === filter} onClick={() => setFilter(index)}>
                      {one.name} <span className="num">{lines.filter(one.takes).length}</span>
                    </button>
                  ))}
                </div>
              )}
              <div className="card">{lines.length === 0 ? <NoIncidents overview={overview.data} /> : shown.length === 0 ? <Empty title="None of these" /> : <List lines={shown} />}</div>
            </div>
          );
        }}
      </Load>
    </>
  );
}

function Facts({ overview }: { readonly overview: Overview }): ReactNode {
  const { counts } = overview;
  const open = Object.entries(counts).reduce((sum, [status, many]) => (status === "closed" ? sum : sum + many), 0);
  const spans = overview.services.reduce((sum, one) => sum + one.spans, 0);
  return (
    <dl className="card facts">
      <div className={`fact${open > 0 ? " bad" : ""}`}>
        <dt>Open incidents</dt>
        <dd>{open}</dd>
      </div>
      <div className={`fact${counts.proposed > 0 ? " due" : ""}`}>
        <dt>Waiting for approval</dt>
        <dd>{counts.proposed}</dd>
      </div>
      <div className="fact">
        <dt>Being verified</dt>
        <dd>{counts.verifying}</dd>
      </div>
      <div className="fact good">
        <dt>Closed</dt>
        <dd>{counts.closed}</dd>
      </div>
      <div className="fact">
        <dt>Spans in 24 hours</dt>
        <dd>
          {count(spans)} <small>{plural(overview.services.length, "service")}</small>
        </dd>
      </div>
      <div className="fact">
        <dt>Last telemetry</dt>
        <dd>{overview.lastData === null ? <small>none yet</small> : <Ago at={overview.lastData} />}</dd>
      </div>
    </dl>
  );
}

function NoIncidents({ overview }: { readonly overview: Overview | null }): ReactNode {
  if (overview?.lastData === null) {
    return (
      <Empty title="No telemetry has arrived yet">
        <p>
          Send OpenTelemetry traces over HTTP to port 4318 of this machine, for example with <code>OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318</code>. The first spans show up here within seconds.
        </p>
      </Empty>
    );
  }
  return (
    <Empty title="Nothing is broken">
      <p>Telemetry arrives, and neither an error nor a violated requirement was found in it.</p>
    </Empty>
  );
}

function List({ lines }: { readonly lines: readonly IncidentLine[] }): ReactNode {
  return (
    <>
      <div className="incident-row incident-columns label" aria-hidden="true">
        <span>Status</span>
        <span>What broke</span>
        <span>Suspect change</span>
        <span className="end">Opened</span>
      </div>
      <ul aria-label="Incidents">
      {lines.map((one) => (
        <li key={one.incidentId}>
          <Link href={incidentPath(one.incidentId)} className="incident-row">
            <div className="cell where">
              <StatusPill status={one.status} merged={one.mergedInto !== null} />
              {one.cycles > 0 && one.mergedInto === null && <span className="muted small">{one.status === "closed" ? `after ${plural(one.cycles, "cycle")}` : `cycle ${one.cycles}`}</span>}
            </div>
            <div className="cell what">
              <span className="title">
                <Foreign text={one.title} />
              </span>
              <span className="row small muted">
                <KindTag kind={one.kind} />
                <span>
                  <Foreign text={one.service || "unnamed service"} max={60} /> · <Foreign text={one.environment || "no environment"} max={40} />
                </span>
                <Revision id={one.revision} />
              </span>
              {one.progress !== null && <span className="small muted clip">{one.progress}…</span>}
            </div>
            <div className="cell who">
              <Suspect line={one} />
            </div>
            <div className="cell end when">
              <span className="small nowrap">
                <Ago at={one.openedAt} />
              </span>
              <span className="small muted nowrap num">{one.kind === "error" ? plural(one.occurrences, "error") : plural(one.occurrences, "violation")}</span>
            </div>
          </Link>
        </li>
      ))}
      </ul>
    </>
  );
}

function Suspect({ line }: { readonly line: IncidentLine }): ReactNode {
  if (line.suspect === null && line.mergedInto !== null) return <span className="small muted">Told by the incident it was merged into</span>;
  if (line.suspect === null) return <span className="small muted">{line.abstained !== null ? "No commit named: the evidence is too weak" : line.problems > 0 ? "No commit named: see the incident" : "Looking for the change…"}</span>;
  return (
    <>
      <span className="small clip">
        <Revision id={line.suspect.commit} /> <Foreign text={line.suspect.subject} max={120} />
      </span>
      <AuthorTag by={line.suspect} />
    </>
  );
}
