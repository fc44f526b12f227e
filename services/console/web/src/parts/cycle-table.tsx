import type { Cycle } from "@firstfix/incident";
import type { ReactNode } from "react";
import type { IncidentRef } from "../api.ts";
import { count, duration, percent } from "../format.ts";
import { incidentPath, Link } from "../router.tsx";
import { Ago, Foreign, Revision } from "./common.tsx";
import { useSome } from "./some.tsx";
import { SprtBar, VerdictPill } from "./sprt-bar.tsx";

export type CycleRow = Cycle & { readonly incident: IncidentRef | null };

/** Cycles with the figures of their test. `incident` is null on the incident's own page. */
export function CycleTable({ cycles }: { readonly cycles: readonly CycleRow[] }): ReactNode {
  const named = cycles.some((one) => one.incident !== null);
  const some = useSome(cycles, "cycle", "cycles");
  return (
    <>
      <div className="table-scroll">
        <table className="cards">
          <thead>
            <tr>
              {named && <th>Incident</th>}
              <th>Cycle</th>
              <th>Verdict</th>
              <th>Deployment</th>
              <th className="right">Trials</th>
              <th className="right">Failures</th>
              <th className="right">Rate before</th>
              <th>Evidence</th>
              <th className="right">Decided after</th>
            </tr>
          </thead>
          <tbody>
            {some.shown.map((one) => (
              <tr key={`${one.incident?.incidentId ?? ""}-${one.cycle}`}>
                {named && (
                  <td data-label="Incident" className="wide">
                    {one.incident !== null && (
                      <Link href={incidentPath(one.incident.incidentId)}>
                        <Foreign text={one.incident.title} max={120} />
                      </Link>
                    )}
                  </td>
                )}
                <td data-label="Cycle" className="num">
                  {one.cycle}
                </td>
                <td data-label="Verdict">
                  <VerdictPill verdict={one.verdict} />
                </td>
                <td data-label="Deployment" className="nowrap">
                  <Revision id={one.deployment.revision} /> <span className="muted small">{one.deployment.environment}</span>
                  <div className="muted small">
                    <Ago at={one.startedAt} />
                  </div>
                </td>
                <td data-label="Trials" className="right">
                  {one.test === null ? "–" : count(one.test.trials)}
                </td>
                <td data-label="Failures" className="right">
                  {one.test === null ? "–" : count(one.test.failures)}
                </td>
                <td data-label="Rate before" className="right">
                  {one.test === null ? "–" : percent(one.test.rateBefore)}
                </td>
                <td data-label="Evidence">
                  <SprtBar test={one.test} verdict={one.verdict} />
                </td>
                <td data-label="Decided after" className="right nowrap">
                  {one.judgedAt === null ? "–" : duration(one.judgedAt - one.startedAt)}
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
