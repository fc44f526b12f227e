import type { SpecProblemRecord } from "@firstfix/incident";
import type { ReactNode } from "react";
import { useApi, type DeploymentLine, type Overview } from "../api.ts";
import { count, percent } from "../format.ts";
import { Ago, Empty, Foreign, Load, Revision, StatusPill, Time } from "../parts/common.tsx";
import { VerdictPill } from "../parts/sprt-bar.tsx";
import { incidentPath, Link } from "../router.tsx";

export function DeploymentsPage(): ReactNode {
  const deployments = useApi<readonly DeploymentLine[]>("/api/deployments", 10_000);
  const overview = useApi<Overview>("/api/overview");
  return (
    <>
      <div className="page-head">
        <div>
          <h1>Deployments</h1>
          <p>The first time that a service ran a revision in an environment, as the telemetry itself tells by vcs.ref.head.revision.</p>
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
  return (
    <div className="table-scroll">
      <table>
        <thead>
          <tr>
            <th>Revision</th>
            <th>Service</th>
            <th>Environment</th>
            <th>First seen</th>
            <th>Last heard</th>
            <th className="right">Spans</th>
            <th className="right">With error</th>
            <th>Incidents it brought</th>
            <th>Fixes it carries</th>
          </tr>
        </thead>
        <tbody>
          {lines.map((one) => (
            <tr key={`${one.service} ${one.environment} ${one.revision}`}>
              <td>
                <Revision id={one.revision} />
              </td>
              <td>
                <Foreign text={one.service || "unnamed"} max={60} />
              </td>
              <td>
                <Foreign text={one.environment || "–"} max={40} />
              </td>
              <td className="nowrap">
                <Time at={one.firstSeen} />
              </td>
              <td className="nowrap">{one.lastSeen === null ? "–" : <Ago at={one.lastSeen} />}</td>
              <td className="right">{count(one.spans)}</td>
              <td className="right nowrap">
                {count(one.errors)}
                {one.spans > 0 && one.errors > 0 && <span className="muted small"> {percent(Math.min(1, one.errors / one.spans))}</span>}
              </td>
              <td className="wide">
                {one.incidents.length === 0 ? (
                  <span className="muted">none</span>
                ) : (
                  <ul className="stack tight">
                    {one.incidents.map((incident) => (
                      <li key={incident.incidentId} className="row">
                        <StatusPill status={incident.status} />
                        <Link href={incidentPath(incident.incidentId)}>
                          <Foreign text={incident.title} max={72} />
                        </Link>
                      </li>
                    ))}
                  </ul>
                )}
              </td>
              <td className="wide">
                {one.cycles.length === 0 ? (
                  <span className="muted">none</span>
                ) : (
                  <ul className="stack tight">
                    {one.cycles.map((cycle) => (
                      <li key={cycle.incidentId} className="row">
                        <VerdictPill verdict={cycle.verdict} />
                        <Link href={incidentPath(cycle.incidentId)}>
                          <Foreign text={cycle.title} max={72} />
                        </Link>
                      </li>
                    ))}
                  </ul>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
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
              <Foreign text={one.says} />
            </strong>{" "}
            <span className="muted">{one.hint}</span>
          </p>
        </li>
      ))}
    </ul>
  );
}
