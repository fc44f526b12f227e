import { scaleLinear, type ScaleLinear } from "d3-scale";
import type { ReactNode } from "react";
import type { Figure, Measure } from "../api.ts";
import { figure as written, percent } from "../format.ts";

export type Scale = ScaleLinear<number, number>;

/** From 0 to the largest of the values and intervals, in hundredths of the track. */
export function scaleOf(measure: Measure, figures: readonly (Figure | undefined)[], reference?: number): Scale {
  const ends = figures.flatMap((one) => (one === undefined || one.value === null ? [] : [one.value, ...(one.interval ?? [])]));
  const most = Math.max(0, ...ends, reference ?? 0);
  const top = most === 0 ? 1 : most;
  // A share never exceeds 1; without this, rounding up would show an axis to 120%.
  const scale = scaleLinear().domain([0, top]).nice(4).range([0, 100]);
  return measure.unit === "share" && (scale.domain()[1] ?? 1) > 1 ? scaleLinear().domain([0, 1]).range([0, 100]) : scale;
}

interface IntervalProps {
  readonly measure: Measure;
  readonly figure: Figure;
  readonly scale: Scale;
  readonly reference?: Measure["reference"];
}

/** A point with its 95% interval: hollow where the sample is too small to compare, so that 1 of 1 never looks certain. */
export function Interval({ measure, figure, scale, reference }: IntervalProps): ReactNode {
  if (figure.value === null) return <div className="interval empty-track" aria-hidden="true" />;
  const [low, high] = figure.interval ?? [figure.value, figure.value];
  return (
    <div className={`interval${figure.warning === null ? "" : " weak"}`} role="img" aria-label={describe(measure, figure, reference)}>
      {figure.interval !== null && <i className="interval-range" style={{ left: `${scale(low)}%`, width: `${Math.max(0, scale(high) - scale(low))}%` }} />}
      {reference !== undefined && <i className="interval-reference" style={{ left: `${Math.min(100, scale(reference.value))}%` }} />}
      <i className="interval-point" style={{ left: `${scale(figure.value)}%` }} />
    </div>
  );
}

/** The same in words. */
export function describe(measure: Measure, figure: Figure, reference?: Measure["reference"]): string {
  const parts = [`${measure.title}: ${written(figure.value, measure.unit)}`, stands(measure, figure), interval(measure, figure), figure.warning ?? "", reference === undefined ? "" : `beside ${reference.label}: ${reference.source}`];
  return parts.filter((one) => one !== "").join("; ");
}

/** What the figure stands on: `12 of 40`, `104 in 25.8 weeks`, `of 131 measured`. */
export function stands(measure: Measure, figure: Figure): string {
  const { numerator, denominator } = figure;
  if (numerator === null) return `of ${round(denominator)} measured`;
  if (measure.unit === "share") return `${round(numerator)} of ${round(denominator)}`;
  return `${round(numerator)} in ${measure.key === "deploymentFrequency" ? weeks(denominator) : round(denominator)}`;
}

/** Of less than two weeks the days, which say more than "0.1 weeks". */
function weeks(value: number): string {
  const days = Math.round(value * 70) / 10;
  return days < 14 ? `${round(days)} ${days === 1 ? "day" : "days"}` : `${round(value)} weeks`;
}

/** `95% interval 12% to 44%`. */
export function interval(measure: Measure, figure: Figure): string {
  if (figure.interval === null) return "";
  const [low, high] = figure.interval;
  return `95% interval ${written(low, measure.unit)} to ${written(high, measure.unit)}`;
}

/** The scale's ends and quarters, under a column of intervals. */
export function Axis({ measure, scale }: { readonly measure: Measure; readonly scale: Scale }): ReactNode {
  const ticks = measure.unit === "milliseconds" ? scale.domain() : scale.ticks(3);
  return (
    <div className="interval-axis small muted num" aria-hidden="true">
      {ticks.map((value) => (
        <span key={value} style={{ left: `${scale(value)}%` }}>
          {measure.unit === "share" ? percent(value).replace(/\.0%/, "%") : written(value, measure.unit)}
        </span>
      ))}
    </div>
  );
}

function round(value: number): string {
  return Number.isInteger(value) ? value.toLocaleString("en") : value.toLocaleString("en", { maximumFractionDigits: 1 });
}
