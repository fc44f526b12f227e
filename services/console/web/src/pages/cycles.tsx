import type { ReactNode } from "react";
import { useApi, type CycleLine } from "../api.ts";
import { CycleTable } from "../parts/cycle-table.tsx";
import { Empty, Load } from "../parts/common.tsx";

export function CyclesPage(): ReactNode {
  const cycles = useApi<readonly CycleLine[]>("/api/cycles");
  return (
    <>
      <div className="page-head">
        <div>
          <h1>Cycles</h1>
          <p>
            A cycle is one deployment that claims to resolve an incident. It is judged on production traffic against the failure rate before: held, failed, or pending while the traffic does not decide yet.
          </p>
        </div>
      </div>
      <Load from={cycles}>
        {(lines) => (
          <>
            {lines.length > 0 && <Summary lines={lines} />}
            <div className="card">
              {lines.length === 0 ? (
                <Empty title="No cycle has begun">
                  <p>Approve a fix, merge its branch and deploy: the deployment shows up here and is judged by itself.</p>
                </Empty>
              ) : (
                <CycleTable cycles={lines} />
              )}
            </div>
          </>
        )}
      </Load>
      <section className="small muted prose">
        <p>
          <strong>Trials and failures.</strong> For an error: requests that the deployment served, and errors of the incident's group among them. For a requirement: evaluations of its check, and violations.
        </p>
        <p>
          <strong>Evidence.</strong> The logarithm of how much better the rate before explains what is seen than a tenth of it (Wald's sequential test). At the left bound the fix failed, at the right bound it held; the chance of a wrong verdict is the one configured, 1% by default.
        </p>
      </section>
    </>
  );
}

function Summary({ lines }: { readonly lines: readonly CycleLine[] }): ReactNode {
  const of = (verdict: CycleLine["verdict"]): number => lines.filter((one) => one.verdict === verdict).length;
  return (
    <dl className="card facts">
      <div className="fact good">
        <dt>Held</dt>
        <dd>{of("held")}</dd>
      </div>
      <div className="fact bad">
        <dt>Failed</dt>
        <dd>{of("failed")}</dd>
      </div>
      <div className="fact">
        <dt>Pending</dt>
        <dd>{of("pending")}</dd>
      </div>
    </dl>
  );
}
