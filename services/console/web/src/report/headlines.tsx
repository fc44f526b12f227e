import type { ReactNode } from "react";
import type { Measure, Report } from "../api.ts";
import { capital, figure as written } from "../format.ts";
import { Interval, interval, scaleOf, stands } from "./interval.tsx";

const HEADLINES = ["aiLines", "debuggedAi", "oneCycle", "changeFail"];
/** The same counted otherwise, which stands below it. */
const BESIDE: Readonly<Record<string, readonly string[]>> = { aiLines: ["aiCommits", "aiStanding"], oneCycle: ["twoOrThreeCycles", "fourOrMoreCycles"] };

/** The figures that a reader brings to a meeting, each with what it stands on and the published line beside it. */
export function Headlines({ report }: { readonly report: Report }): ReactNode {
  const measures = HEADLINES.flatMap((key) => report.measures.find((one) => one.key === key) ?? []);
  return (
    <div className="headlines">
      {measures.map((measure) => (
        <Headline key={measure.key} measure={measure} report={report} />
      ))}
    </div>
  );
}

function Headline({ measure, report }: { readonly measure: Measure; readonly report: Report }): ReactNode {
  const figure = report.total.figures[measure.key];
  if (figure === undefined) return null;
  const { reference } = measure;
  // Lines of unknown authorship may be anybody's: a low share is no finding where they are many.
  const unknown = report.total.figures["unknownLines"]?.value ?? 0;
  // Shares are drawn from 0 to 100%, so that headlines can be read beside each other.
  const scale = scaleOf(measure, [{ ...figure, interval: measure.unit === "share" ? [0, 1] : figure.interval }], reference?.value);
  return (
    <article className="card headline" data-measure={measure.key}>
      <h2>{measure.title}</h2>
      <p className="headline-value num">
        {written(figure.value, measure.unit)} <span className="small muted">{figure.denominator === 0 ? "nothing to count yet" : stands(measure, figure)}</span>
      </p>
      <div>
        <Interval measure={measure} figure={figure} scale={scale} reference={reference} />
        {figure.value !== null && <p className="small muted num">{interval(measure, figure)}</p>}
      </div>
      {measure.key === "aiLines" && unknown > 0 && <p className="small warning">At least: for {written(unknown, "share")} of the lines nothing says who wrote them.</p>}
      {figure.warning !== null && figure.denominator > 0 && <p className="small warning">{figure.warning}</p>}
      {reference !== undefined && (
        <p className="small muted reference-line">
          <strong>{reference.label}</strong> {reference.source}.
        </p>
      )}
      <Beside measure={measure} report={report} />
      <details className="small muted">
        <summary>What is counted</summary>
        <p>{measure.definition}</p>
        <p>Out of: {measure.denominator}</p>
      </details>
    </article>
  );
}

function Beside({ measure, report }: { readonly measure: Measure; readonly report: Report }): ReactNode {
  const others = (BESIDE[measure.key] ?? []).flatMap((key) => report.measures.find((one) => one.key === key) ?? []);
  if (others.length === 0) return null;
  return (
    <dl className="headline-beside small">
      {others.map((one) => {
        const figure = report.total.figures[one.key];
        return (
          <div key={one.key} title={`${one.definition} Out of: ${one.denominator}`}>
            <dt className="muted">{capital(one.title.replace(/^AI code share, /, ""))}</dt>
            <dd className="num">
              {figure === undefined || figure.value === null ? (
                <span className="muted">–</span>
              ) : (
                <>
                  {written(figure.value, one.unit)} <span className="muted">{stands(one, figure)}{one.reference === undefined ? "" : `; beside ${one.reference.label}`}</span>
                </>
              )}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}
