import { useState, type ReactNode } from "react";
import type { FindingExposure } from "../api.ts";
import { count, duration, percent, plural, short, time } from "../format.ts";
import { useWidth } from "./use-width.ts";

const HEIGHT = 148;
const TOP = 30;
const BOTTOM = 22;
const LEFT = 40;
const CHARACTER_WIDTH = 6.8;

interface ChartProps {
  readonly exposure: FindingExposure;
  /** Revision that brought the finding, and those that claim to resolve it by cycle. */
  readonly guilty: string;
  readonly fixes: ReadonlyMap<string, number>;
}

/** Tries per bucket of time with the failures in front, and a line where each deployment began. */
export function ExposureChart({ exposure, guilty, fixes }: ChartProps): ReactNode {
  const [box, width] = useWidth<HTMLElement>(640);
  const [pointed, setPointed] = useState<number | null>(null);

  const { points, from, to, bucketMs } = exposure;
  const most = points.reduce((max, one) => Math.max(max, one.trials), 0);
  if (most === 0) return <p className="small muted">No {exposure.trialWord} were counted in this time.</p>;
  const top = niceTop(most);
  const plot = { width: width - LEFT - 4, height: HEIGHT - TOP - BOTTOM };
  const x = (at: number): number => LEFT + ((at - from) / (to - from)) * plot.width;
  const y = (value: number): number => TOP + plot.height * (1 - value / top);
  const barWidth = Math.max(1, (plot.width / points.length) * 0.78);
  const inset = (plot.width / points.length - barWidth) / 2;
  const failures = points.reduce((sum, one) => sum + one.failures, 0);
  const trials = points.reduce((sum, one) => sum + one.trials, 0);
  const shown = pointed === null ? undefined : points[pointed];
  const ticks = timeTicks(from, to, Math.max(2, Math.floor(plot.width / 80)));
  return (
    <figure className="chart" ref={box}>
      <figcaption className="row spread small">
        <span className="row chart-legend">
          <span className="key trials">
            {exposure.trialWord}
            {exposure.scope !== "" && (
              <>
                {" of "}
                <bdi>{exposure.scope.slice(0, 60)}</bdi>
              </>
            )}
          </span>
          <span className="key failures">{exposure.failureWord}</span>
          <span className="muted">per {bucketMs === 60_000 ? "minute" : duration(bucketMs)}</span>
        </span>
        <span className="muted num">
          {shown === undefined
            ? `${plural(failures, exposure.failureWord.slice(0, -1))} in ${plural(trials, exposure.trialWord.slice(0, -1))}${trials > 0 ? ` (${percent(failures / trials)})` : ""}`
            : `${time(shown.at, false)}: ${plural(shown.failures, exposure.failureWord.slice(0, -1))} in ${plural(shown.trials, exposure.trialWord.slice(0, -1))}`}
        </span>
      </figcaption>
      <svg
        width={width}
        height={HEIGHT}
        viewBox={`0 0 ${width} ${HEIGHT}`}
        role="img"
        aria-label={`${failures} ${exposure.failureWord} in ${trials} ${exposure.trialWord} from ${time(from)} to ${time(to)}; deployments: ${exposure.deployments.map((one) => `${short(one.revision)} at ${time(one.firstSeen)}`).join(", ") || "none"}`}
        onPointerMove={(event) => {
          const at = (event.clientX - event.currentTarget.getBoundingClientRect().left - LEFT) / plot.width;
          setPointed(at < 0 || at >= 1 ? null : Math.floor(at * points.length));
        }}
        onPointerLeave={() => setPointed(null)}
      >
        {[0, top / 2, top].map((value) => (
          <g key={value}>
            <line x1={LEFT} x2={width - 4} y1={y(value)} y2={y(value)} className={value === 0 ? "axis" : "grid"} />
            <text x={LEFT - 8} y={y(value) + 4} textAnchor="end">
              {count(value)}
            </text>
          </g>
        ))}
        {points.map((one, index) => (
          <g key={one.at} className={index === pointed ? "pointed" : undefined}>
            {one.trials > 0 && <rect x={x(one.at) + inset} y={y(one.trials)} width={barWidth} height={y(0) - y(one.trials)} rx={Math.min(2, barWidth / 3)} className="bar-trials" />}
            {one.failures > 0 && <rect x={x(one.at) + inset} y={Math.min(y(one.failures), y(0) - 3)} width={barWidth} height={Math.max(3, y(0) - y(one.failures))} rx={Math.min(2, barWidth / 3)} className="bar-failures" />}
          </g>
        ))}
        {ticks.map((at) => (
          <text key={at} x={x(at)} y={HEIGHT - 6} textAnchor="middle">
            {time(at, false).replace(/^.*, /, "")}
          </text>
        ))}
        {placed(exposure.deployments.map((one) => ({ ...one, x: x(one.firstSeen), label: labelOf(one.revision, fixes.get(one.revision)) })), width).map((one) => {
          const cycle = fixes.get(one.revision);
          return (
            <g key={one.revision} className={`marker${one.revision === guilty ? " guilty" : cycle === undefined ? "" : " fix"}`}>
              <title>
                {`Revision ${one.revision} deployed at ${time(one.firstSeen)}${one.revision === guilty ? ", the first that failed" : cycle === undefined ? "" : `, cycle ${cycle}`}`}
              </title>
              <line x1={one.x} x2={one.x} y1={one.row * 14 + 4} y2={y(0)} />
              <text x={one.flipped ? one.x - 4 : one.x + 4} y={one.row * 14 + 12} textAnchor={one.flipped ? "end" : "start"}>
                {one.label}
              </text>
            </g>
          );
        })}
      </svg>
    </figure>
  );
}

function labelOf(revision: string, cycle: number | undefined): string {
  return cycle === undefined ? short(revision) : `${short(revision)} · cycle ${cycle}`;
}

/** Labels that would cover each other stand in two rows; one at the right edge stands left of its line. */
function placed<T extends { readonly x: number; readonly label: string }>(markers: readonly T[], width: number): (T & { row: number; flipped: boolean })[] {
  const ends = [-Infinity, -Infinity];
  return markers.map((one) => {
    const length = one.label.length * CHARACTER_WIDTH + 8;
    const flipped = one.x + length > width;
    const start = flipped ? one.x - length : one.x;
    const row = start > (ends[0] ?? 0) ? 0 : 1;
    ends[row] = start + length;
    return { ...one, row, flipped };
  });
}

/** The next of 2, 4, 10, 20, 40 … that is at least the value: its half is a whole number too. */
function niceTop(value: number): number {
  for (let scale = 1; ; scale *= 10) for (const step of [2, 4, 6, 10]) if (step * scale >= value) return step * scale;
}

function timeTicks(from: number, to: number, most: number): number[] {
  const minute = 60_000;
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440].map((one) => one * minute);
  const step = steps.find((one) => (to - from) / one <= most) ?? 1440 * minute * Math.ceil((to - from) / (1440 * minute) / most);
  const ticks: number[] = [];
  for (let at = Math.ceil((from + 1) / step) * step; at < to - (to - from) * 0.02; at += step) ticks.push(at);
  return ticks;
}
