import type { ReactNode } from "react";
import { useApi, type CycleSpread, type Report, type TrendPoint } from "../api.ts";
import { Command, Empty, Load, Says } from "../parts/common.tsx";
import { Choices, DIMENSIONS, Downloads, useChosen } from "../report/choices.tsx";
import { ComparisonTable } from "../report/comparison.tsx";
import { CycleSpreads } from "../report/cycle-spread.tsx";
import { Dora, FigureTable } from "../report/dora.tsx";
import { Headlines } from "../report/headlines.tsx";
import { TrendChart } from "../report/trend-chart.tsx";
import { useChoices } from "../router.tsx";

const POLL_MS = 60_000;

export function ReportPage(): ReactNode {
  const { by, range, query } = useChosen();
  const [, choose] = useChoices();
  const report = useApi<Report>(`/api/reports?by=${by}${query === "" ? "" : `&${query}`}`, POLL_MS, true);
  return (
    <>
      <div className="page-head">
        <div>
          <h1>Reliability report</h1>
          <p>What production says of changes, by who wrote them. Every figure stands with what it counts, out of what, and how sure it is.</p>
        </div>
        <Downloads path="/api/reports" query={`by=${by}${query === "" ? "" : `&${query}`}`} />
      </div>
      <Choices range={range} />
      <Load from={report}>
        {(loaded) =>
          loaded.total.size.changes === 0 && loaded.rows.length === 0 ? (
            <NoData />
          ) : (
            <>
              <Notes notes={loaded.notes} />
              <Headlines report={loaded} />
              <Trend query={query} />
              <div className="tabs dimension-tabs" role="group" aria-label="Compare by">
                {DIMENSIONS.map(([key, label]) => (
                  <button key={key} type="button" aria-pressed={key === by} onClick={() => choose({ by: key === "assistant" ? null : key })}>
                    {label}
                  </button>
                ))}
              </div>
              <ComparisonTable report={loaded} />
              <Cycles by={by} query={query} />
              <DoraOf query={query} />
              <details className="all-figures">
                <summary>Every figure, row by row</summary>
                <FigureTable id="all" title="Every figure" lead="As in the downloads." report={loaded} keys={loaded.measures.map((one) => one.key)} />
              </details>
            </>
          )
        }
      </Load>
    </>
  );
}

function Notes({ notes }: { readonly notes: readonly string[] }): ReactNode {
  if (notes.length === 0) return null;
  return (
    <ul className="notice small stack tight" aria-label="Notes">
      {notes.map((one) => (
        <li key={one}>
          <Says text={one} />
        </li>
      ))}
    </ul>
  );
}

function NoData(): ReactNode {
  return (
    <div className="card">
      <Empty title="No changes to report on">
        <p>
          No commit of this period and place is in the store. Choose a longer period above, or read a repository's history:
        </p>
        <Command text="npx firstfix backfill" />
        <p>From then on changes come by themselves with each deployment.</p>
      </Empty>
    </div>
  );
}

function Trend({ query }: { readonly query: string }): ReactNode {
  const trend = useApi<readonly TrendPoint[]>(`/api/reports/trend${query === "" ? "" : `?${query}`}`, POLL_MS, true);
  const [choices, choose] = useChoices();
  const mode = choices.get("trend") === "lines" ? "lines" : "share";
  return (
    <Load from={trend}>
      {(points) => (
        <section className="card" aria-labelledby="trend-title" id="trend">
          <div className="card-title spread">
            <h2 id="trend-title">Who wrote the code, week by week</h2>
            <div className="tabs" role="group" aria-label="Show">
              {([["share", "Share"], ["lines", "Lines"]] as const).map(([key, label]) => (
                <button key={key} type="button" aria-pressed={mode === key} onClick={() => choose({ trend: key === "share" ? null : key })}>
                  {label}
                </button>
              ))}
            </div>
          </div>
          {points.length === 0 ? <Empty title="No week with changes" /> : <div className="card-body"><TrendChart points={points} mode={mode} /></div>}
        </section>
      )}
    </Load>
  );
}

function Cycles({ by, query }: { readonly by: string; readonly query: string }): ReactNode {
  const cycles = useApi<readonly CycleSpread[]>(`/api/reports/cycles?by=${by}${query === "" ? "" : `&${query}`}`, POLL_MS, true);
  return <Load from={cycles}>{(spreads) => <CycleSpreads spreads={spreads} />}</Load>;
}

function DoraOf({ query }: { readonly query: string }): ReactNode {
  const report = useApi<Report>(`/api/reports?by=authorship${query === "" ? "" : `&${query}`}`, POLL_MS, true);
  return <Load from={report}>{(loaded) => <Dora report={loaded} />}</Load>;
}
