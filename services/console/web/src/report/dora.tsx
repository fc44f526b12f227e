import { useState, type ReactNode } from "react";
import type { Figure, Measure, Report, ReportRow } from "../api.ts";
import { figure as written } from "../format.ts";
import { useRoom } from "../parts/fold.tsx";
import { heading, RowLabel } from "./comparison.tsx";
import { interval, stands } from "./interval.tsx";

const DORA = ["deploymentFrequency", "leadTime", "changeFail", "rework", "recovery"];

/** DORA's measures by who wrote what was deployed. Speed and stability side by side: one alone misleads. */
export function Dora({ report }: { readonly report: Report }): ReactNode {
  return (
    <FigureTable
      id="dora"
      title="DORA by authorship"
      lead="A deployment with changes of several authors counts for each of them."
      report={report}
      keys={DORA}
    />
  );
}

interface TableProps {
  readonly id: string;
  readonly title: string;
  readonly lead: string;
  readonly report: Report;
  readonly keys: readonly string[];
}

export function FigureTable({ id, title, lead, report, keys }: TableProps): ReactNode {
  const measures = keys.flatMap((key) => report.measures.find((one) => one.key === key && one.totalOnly !== true) ?? []);
  const room = useRoom();
  return (
    <section className="card" aria-labelledby={`${id}-title`} id={id}>
      <div className="card-title">
        <h2 id={`${id}-title`}>{title}</h2>
        <span className="muted small">{lead}</span>
      </div>
      {room ? <Wide report={report} measures={measures} /> : <ByMeasure report={report} measures={measures} />}
      <details className="card-note small words">
        <summary>What these figures count, and out of what</summary>
        <dl>
          {measures.map((one) => (
            <div key={one.key}>
              <dt>{one.title}</dt>
              <dd>
                {one.definition} Out of: {one.denominator}
              </dd>
            </div>
          ))}
        </dl>
      </details>
    </section>
  );
}

interface FiguresProps {
  readonly report: Report;
  readonly measures: readonly Measure[];
}

function Wide({ report, measures }: FiguresProps): ReactNode {
  return (
    <div className="table-scroll">
      <table className="cards figures">
        <thead>
          <tr>
            <th>{heading(report.query.by)}</th>
            {measures.map((one) => (
              <th key={one.key} className="right" title={`${one.definition} Out of: ${one.denominator}`}>
                {one.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rowsOf(report).map((row, index) => (
            <tr key={row.key} className={index === report.rows.length ? "total-row" : undefined}>
              <th scope="row">
                <RowLabel row={row} />
              </th>
              {measures.map((measure) => {
                const figure = row.figures[measure.key];
                return (
                  <td key={measure.key} data-label={measure.title} className="right">
                    {figure === undefined || figure.value === null ? (
                      <span className="muted">–</span>
                    ) : (
                      <div className="figure-cell" title={figure.warning ?? interval(measure, figure)}>
                        <span className={figure.warning === null ? "" : "weak-figure"}>{written(figure.value, measure.unit)}</span>
                        <span className="muted small">{stands(measure, figure)}</span>
                        <span className="muted small">{figure.warning === null ? interval(measure, figure).replace("95% interval ", "95%: ") : "too few to compare"}</span>
                      </div>
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** On a phone each measure stands once, with a line per row: so its name is not repeated, and rows are compared where they stand below each other. */
function ByMeasure({ report, measures }: FiguresProps): ReactNode {
  const [sure, setSure] = useState(false);
  return (
    <div className="by-measure">
      <button type="button" className="button tiny" aria-pressed={sure} onClick={() => setSure(!sure)}>
        {sure ? "Hide the 95% intervals" : "Show the 95% intervals"}
      </button>
      {measures.map((measure) => (
        <table key={measure.key}>
          <caption>{measure.title}</caption>
          <tbody>
            {rowsOf(report).map((row, index) => (
              <tr key={row.key} className={index === report.rows.length ? "total-row" : undefined}>
                <th scope="row">
                  <RowLabel row={row} />
                </th>
                <Cells measure={measure} figure={row.figures[measure.key]} sure={sure} />
              </tr>
            ))}
          </tbody>
        </table>
      ))}
    </div>
  );
}

function Cells({ measure, figure, sure }: { readonly measure: Measure; readonly figure: Figure | undefined; readonly sure: boolean }): ReactNode {
  if (figure === undefined || figure.value === null) return <td colSpan={2} className="value right muted">nothing to count</td>;
  return (
    <>
      <td className={`value right${figure.warning === null ? "" : " weak-figure"}`}>{written(figure.value, measure.unit)}</td>
      <td className="on small num">
        {stands(measure, figure)}
        {figure.warning !== null && ", too few"}
        {sure && figure.interval !== null && <div>{interval(measure, figure).replace("95% interval ", "95%: ")}</div>}
      </td>
    </>
  );
}

function rowsOf(report: Report): readonly ReportRow[] {
  return report.rows.length > 1 ? [...report.rows, report.total] : report.rows;
}
