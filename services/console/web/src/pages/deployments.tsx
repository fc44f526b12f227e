import type { SpecProblemRecord } from "@firstfix/incident";
import type { ReactNode } from "react";
import { useApi, type DeploymentLine, type Overview } from "../api.ts";
import { count, percent } from "../format.ts";
import { Ago, Empty, Foreign, Load, RefList, Revision, Says, StatusPill, Time } from "../parts/common.tsx";
import { useSome } from "../parts/some.tsx";
import { VerdictPill } from "../parts/sprt-bar.tsx";

export function DeploymentsPage(): ReactNode {
  const deployments = useApi<readonly DeploymentLine[]>("/api/deployments", 10_000);
  const overview = useApi<Overview>("/api/overview");
  return (
    <>
      <div className="page-head">
        <div>
          <h1>Deployments</h1>
          <p>The first time that a service ran a revision in an environment, as the telemetry itself tells.</p>
        </div>
      </div>
      <SpecProblems problems={overview.data?.specProblems ?? []} />
      <Load from={deployments}>
        {(lines) => (
          <div className="card">
            {lines.length === 0 ? (
              <Empty title="No deployment was seen">
                <p>
                  Set the resource attribute <code>vcs.ref.head.revision</code> to the commit that the service runs; <code>@firstfix/sdk</code> does so by itself.
                </p>
              </Empty>
            ) : (
              <Table lines={lines} />
            )}
          </div>
        )}
      </Load>
    </>
  );
}

function Table({ lines }: { readonly lines: readonly DeploymentLine[] }): ReactNode {
  const some = useSome(lines, "deployment", "deployments");
  return (
    <>
      <div className="table-scroll">
        <table className="cards">
          <thead>
            <tr>
              <th>Revision</th>
              <th>Service</th>
              <th>Seen</th>
              <th className="right">Spans</th>
              <th className="right">With error</th>
              <th>Incidents it brought</th>
              <th>Fixes it carries</th>
            </tr>
          </thead>
          <tbody>
            {some.shown.map((one) => (
              <tr key={`${one.service} ${one.environment} ${one.revision}`}>
                <td data-label="Revision">
                  <Revision id={one.revision} />
                </td>
                <td data-label="Service">
                  <Foreign text={one.service || "unnamed"} max={60} />
                  <div className="muted small">
                    <Foreign text={one.environment || "no environment"} max={40} />
                  </div>
                </td>
                <td data-label="Seen" className="nowrap">
                  <Time at={one.firstSeen} />
                  <div className="muted small">{one.lastSeen === null ? "no span stored" : <>until <Ago at={one.lastSeen} /></>}</div>
                </td>
                <td data-label="Spans" className="right">
                  {count(one.spans)}
                </td>
                <td data-label="With error" className="right nowrap">
                  {count(one.errors)}
                  {one.spans > 0 && one.errors > 0 && <div className="muted small">{percent(Math.min(1, one.errors / one.spans))}</div>}
                </td>
                <td data-label="Incidents" className="wide">
                  <RefList refs={one.incidents.map((incident) => ({ ...incident, pill: <StatusPill status={incident.status} /> }))} />
                </td>
                <td data-label="Fixes" className="wide">
                  <RefList refs={one.cycles.map((cycle) => ({ ...cycle, pill: <VerdictPill verdict={cycle.verdict} /> }))} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {some.button}
    </>
  );
}

function SpecProblems({ problems }: { readonly problems: readonly SpecProblemRecord[] }): ReactNode {
  if (problems.length === 0) return null;
  return (
    <ul className="stack">
      {problems.map((one) => (
        <li key={`${one.repository}${one.file}${one.line}${one.says}`} className="notice">
          <p>
            <code>
              {one.file}
              {one.line > 0 && `:${one.line}`}
            </code>{" "}
            <span className="muted small">
              of {one.service} at <Revision id={one.revision} />
            </span>
          </p>
          <p>
            <strong>
              <Says text={one.says} />
            </strong>{" "}
            <span className="muted"><Says text={one.hint} /></span>
          </p>
        </li>
      ))}
    </ul>
  );
}
