import type { ReactNode } from "react";
import type { Dimension, Measure, Report, ReportRow } from "../api.ts";
import { compact, count, figure as written, plural } from "../format.ts";
import { useChoices } from "../router.tsx";
import { Foreign } from "../parts/common.tsx";
import { useSome } from "../parts/some.tsx";
import { Axis, Interval, interval, scaleOf, stands } from "./interval.tsx";

const AUTHORS: readonly Dimension[] = ["assistant", "model", "authorship"];

/** One measure, row by row, with the size of what was changed beside it: without that no row is better or worse. */
export function ComparisonTable({ report }: { readonly report: Report }): ReactNode {
  const [choices, choose] = useChoices();
  const byAuthor = AUTHORS.includes(report.query.by);
  const fallback = report.measures.find((one) => one.key === "debugged") ?? report.measures[0];
  const measure = report.measures.find((one) => one.key === choices.get("measure")) ?? fallback;
  const some = useSome(report.rows, "row", "rows");
  if (measure === undefined) return null;
  const reference = measure.reference ?? (measure.key === "debugged" && byAuthor ? report.measures.find((one) => one.key === "debuggedAi")?.reference : undefined);
  const all = [...report.rows, report.total];
  const scale = scaleOf(measure, all.map((one) => one.figures[measure.key]), reference?.value);
  const says = report.comparisons.filter((one) => one.measure === measure.key);
  return (
    <section className="card" aria-labelledby="compare-title" id="compare">
      <div className="card-title spread">
        <h2 id="compare-title">Side by side</h2>
        <label className="choice row">
          <span className="small muted">Figure</span>
          <select value={measure.key} onChange={(event) => choose({ measure: event.target.value === fallback?.key ? null : event.target.value })}>
            {report.measures.map((one) => (
              <option key={one.key} value={one.key}>
                {one.title}
              </option>
            ))}
          </select>
        </label>
      </div>
      <p className="card-lead small muted">
        {measure.definition} Out of: {measure.denominator}
      </p>
      <div className="table-scroll">
        <table className="cards compare">
          <thead>
            <tr>
              <th>{heading(report.query.by)}</th>
              <th className="right" title="Changes of the period, merges apart">Changes</th>
              <th className="right" title="Of them, deployed in the period">Deployed</th>
              <th className="right" title="Median of the lines that a change adds and deletes">Median lines</th>
              <th className="right" title="Requests and messages that production served while these changes were its newest">Served</th>
              <th className="compare-chart">
                {measure.title}
                <Axis measure={measure} scale={scale} />
              </th>
              <th>Value</th>
            </tr>
          </thead>
          <tbody>
            {some.shown.map((row) => (
              <Line key={row.key} row={row} measure={measure} scale={scale} reference={reference} />
            ))}
          </tbody>
          {report.rows.length > 1 && (
            <tfoot>
              <Line row={report.total} measure={measure} scale={scale} reference={reference} />
            </tfoot>
          )}
        </table>
      </div>
      {some.button}
      {reference !== undefined && (
        <p className="card-note small muted">
          <span className="key reference-key">
            <strong>{reference.label}</strong> {reference.source}. A line to read beside, not a measured baseline.
          </span>
        </p>
      )}
      <Verdicts says={says} title={measure.title} />
    </section>
  );
}

/** What the data allows to say comes first; pairs that it says nothing of are folded away, and never left out. */
function Verdicts({ says, title }: { readonly says: Report["comparisons"]; readonly title: string }): ReactNode {
  if (says.length === 0) return null;
  const different = says.filter((one) => one.different);
  const others = says.filter((one) => !one.different);
  return (
    <div className="card-note">
      <h3>Which rows differ?</h3>
      {different.length === 0 ? <p className="small muted">None of these rows can be told apart: the reasons are below.</p> : <VerdictList says={different} title={title} />}
      {others.length > 0 && (
        <details className="small">
          <summary className="muted">{plural(others.length, "pair")} without a verdict, and why</summary>
          <VerdictList says={others} title={title} />
        </details>
      )}
    </div>
  );
}

function VerdictList({ says, title }: { readonly says: Report["comparisons"]; readonly title: string }): ReactNode {
  return (
    <ul className="verdicts small">
      {says.map((one) => (
        <li key={one.rows.join(" ")} data-different={one.different}>
          <span className={`tag${one.different ? " strong" : ""}`}>{one.different ? "Differ" : "No verdict"}</span>
          <Foreign text={capital(one.says.startsWith(`${title}: `) ? one.says.slice(title.length + 2) : one.says)} max={500} />
        </li>
      ))}
    </ul>
  );
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

interface LineProps {
  readonly row: ReportRow;
  readonly measure: Measure;
  readonly scale: ReturnType<typeof scaleOf>;
  readonly reference: Measure["reference"];
}

function Line({ row, measure, scale, reference }: LineProps): ReactNode {
  const figure = row.figures[measure.key];
  const { size } = row;
  return (
    <tr>
      <th scope="row">
        <RowLabel row={row} />
      </th>
      <td data-label="Changes" className="right">
        {count(size.changes)}
      </td>
      <td data-label="Deployed" className="right">
        {count(size.deployed)}
      </td>
      <td data-label="Median lines" className="right">
        {size.medianLines === null ? "–" : count(Math.round(size.medianLines))}
      </td>
      <td data-label="Served" className="right" title={count(size.exposure)}>
        {compact(size.exposure)}
      </td>
      <td data-label={measure.title} className="compare-chart">
        {figure === undefined ? null : <Interval measure={measure} figure={figure} scale={scale} reference={reference} />}
      </td>
      <td data-label="Value" className="compare-value">
        {figure === undefined || figure.value === null ? (
          <span className="muted muted-value">{figure === undefined ? "not counted for this row" : "nothing to count"}</span>
        ) : (
          <div className="stack tight">
            <span className="num figure">
              <strong>{written(figure.value, measure.unit)}</strong> <span className="muted small">{stands(measure, figure)}</span>
            </span>
            <span className="muted small num of">{interval(measure, figure)}</span>
            {figure.warning !== null && <span className="small warning">{figure.warning}</span>}
          </div>
        )}
      </td>
    </tr>
  );
}

export function RowLabel({ row }: { readonly row: Pick<ReportRow, "label" | "authorship"> }): ReactNode {
  const assistant = row.authorship === "ai" || row.authorship === "mixed";
  return (
    <span className={assistant ? "tag ai" : "row-name"}>
      <Foreign text={row.label.replace(/^https?:\/\//, "")} max={80} />
    </span>
  );
}

export function heading(by: Dimension): string {
  return { assistant: "Assistant", model: "Model", authorship: "Authorship", repository: "Repository", service: "Service", team: "Team", bound: "Requirements" }[by];
}
