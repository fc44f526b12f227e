import type { ReactNode } from "react";
import type { Dimension, Measure, Report, ReportRow } from "../api.ts";
import { capital, compact, count, figure as written, plural } from "../format.ts";
import { useChoices } from "../router.tsx";
import { Foreign } from "../parts/common.tsx";
import { useSome } from "../parts/some.tsx";
import { Axis, Interval, interval, scaleOf, stands } from "./interval.tsx";

const AUTHORS: readonly Dimension[] = ["assistant", "model", "authorship"];

/** One measure, row by row, with the size of what was changed beside it: without that no row is better or worse. */
export function ComparisonTable({ report }: { readonly report: Report }): ReactNode {
  const [choices, choose] = useChoices();
  const byAuthor = AUTHORS.includes(report.query.by);
  const measures = report.measures.filter((one) => one.totalOnly !== true);
  const fallback = measures.find((one) => one.key === "debugged") ?? measures[0];
  const asked = choices.get("measure");
  const measure = measures.find((one) => one.key === asked) ?? fallback;
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
            {measures.map((one) => (
              <option key={one.key} value={one.key}>
                {one.title}
              </option>
            ))}
          </select>
        </label>
      </div>
      {asked !== null && asked !== measure.key && (
        <p className="card-lead small warning" role="status">
          <NotHere asked={asked} report={report} /> Shown instead: {measure.title}.
        </p>
      )}
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
              <th className="right" title="Median of the lines that a change adds and deletes: of those deployed, which comparisons go by, and of all">
                Median lines{" "}
                <span className="nowrap">deployed (all)</span>
              </th>
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
      <Verdicts says={says} title={measure.title} compared={report.compared} rows={report.rows} />
    </section>
  );
}

/** A figure may be one of authors only, or of the total only, and the address still asks for it. */
function NotHere({ asked, report }: { readonly asked: string; readonly report: Report }): ReactNode {
  const known = report.measures.find((one) => one.key === asked);
  if (known !== undefined) return <>{known.title} is all or nothing of one author: see the total above.</>;
  return <>This comparison has no figure “<Foreign text={asked} max={40} />”.</>;
}

function Median({ size: { medianLines, deployedMedian } }: Pick<ReportRow, "size">): ReactNode {
  if (medianLines === null && deployedMedian === null) return "–";
  const [all, deployed] = [medianLines, deployedMedian].map((lines) => (lines === null ? "–" : count(Math.round(lines))));
  if (deployedMedian === null || all === deployed) return <span title="Of all changes">{all}</span>;
  return (
    <span className="nowrap" title={`Of those deployed ${deployed}, of all ${all}`}>
      {deployed} <span className="muted small">({all})</span>
    </span>
  );
}

interface VerdictsProps {
  readonly says: Report["comparisons"];
  readonly title: string;
  readonly compared: Report["compared"];
  readonly rows: Report["rows"];
}

/** What the data allows to say comes first; pairs that it says nothing of are folded away, and never left out. */
function Verdicts({ says, title, compared, rows }: VerdictsProps): ReactNode {
  if (says.length === 0) return null;
  const different = says.filter((one) => one.different);
  const others = says.filter((one) => !one.different);
  const unknown = rows.some((one) => one.authorship === "unknown");
  return (
    <div className="card-note">
      <h3>Which rows differ?</h3>
      {different.length === 0 ? <p className="small muted">None of the compared rows can be told apart: the reasons are below.</p> : <VerdictList says={different} title={title} />}
      {others.length > 0 && (
        <details className="small">
          <summary className="muted">{plural(others.length, "pair")} without a verdict, and why</summary>
          <VerdictList says={others} title={title} />
        </details>
      )}
      <p className="small muted compared">
        Compared: {compared.left > 0 ? `the ${compared.rows.length} largest rows, each with each other; ${count(compared.left)} smaller ${compared.left === 1 ? "one is" : "ones are"} not` : `all ${compared.rows.length} rows, each with each other`}.{" "}
        {unknown && "Work of unknown authors may be anybody's, and is not compared. "}
        “Differ” means that chance would bring it in fewer than one of 200 comparisons.
      </p>
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
      <td data-label="Median lines deployed (all)" className="right">
        <Median size={size} />
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
