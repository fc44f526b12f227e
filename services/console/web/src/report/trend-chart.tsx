import { scaleBand, scaleLinear } from "d3-scale";
import { stack } from "d3-shape";
import { useState, type ReactNode } from "react";
import type { TrendPoint } from "../api.ts";
import { compact, count, date, percent } from "../format.ts";
import { useWidth } from "../parts/use-width.ts";

const KINDS = [["linesAi", "Assistants", "ai"], ["linesMixed", "Mixed", "mixed"], ["linesHuman", "People", "human"], ["linesUnknown", "Unknown", "unknown"]] as const;
type Kind = (typeof KINDS)[number][0];

const HEIGHT = 232;
const BAR_WIDTH_MAX = 64;
const EDGE = { left: 44, right: 8, top: 12, bottom: 24 };
/** Published figures of Microsoft and Google, as in the report's measures. */
const REFERENCE = 0.25;

/** Added lines per week by author: as parts of each week, or as numbers. Hatching tells them apart without colour. */
export function TrendChart({ points, mode }: { readonly points: readonly TrendPoint[]; readonly mode: "share" | "lines" }): ReactNode {
  const [box, width] = useWidth<HTMLElement>(760);
  const [pointed, setPointed] = useState<number | null>(null);
  const share = mode === "share";
  const rows = points.map((one) => ({ point: one, total: lines(one) }));
  const x = scaleBand<number>(points.map((one) => one.week), [EDGE.left, width - EDGE.right]).paddingInner(0.18);
  const most = share ? 1 : Math.max(1, ...rows.map((one) => one.total));
  const y = scaleLinear([0, most], [HEIGHT - EDGE.bottom, EDGE.top]);
  if (!share) y.nice(4);
  const layers = stack<(typeof rows)[number], Kind>()
    .keys(KINDS.map(([key]) => key))
    .value((row, key) => (share ? (row.total === 0 ? 0 : row.point[key] / row.total) : row.point[key]))(rows);
  const every = Math.max(1, Math.ceil((points.length * 56) / Math.max(1, width - EDGE.left)));
  const shown = pointed === null ? undefined : points[pointed];
  const bar = Math.min(BAR_WIDTH_MAX, x.bandwidth());
  const inset = (x.bandwidth() - bar) / 2;
  return (
    <figure className="chart" ref={box}>
      <figcaption className="row spread small">
        <span className="row chart-legend">
          {KINDS.filter(([key]) => key === "linesAi" || points.some((one) => one[key] > 0)).map(([key, label, kind]) => (
            <span key={key} className={`key author-${kind}`}>
              {label}
            </span>
          ))}
          {share && <span className="key trend-key">{percent(REFERENCE)}: Microsoft, Google</span>}
        </span>
        <span className="muted num" aria-live="off">
          {shown === undefined ? all(points) : `Week of ${sentence(shown)}`}
        </span>
      </figcaption>
      <svg
        width={width}
        height={HEIGHT}
        viewBox={`0 0 ${width} ${HEIGHT}`}
        role="img"
        aria-label={`Added lines per week by author. ${all(points)}. The table below holds the numbers.`}
        onPointerMove={(event) => {
          const at = event.clientX - event.currentTarget.getBoundingClientRect().left - EDGE.left;
          const index = Math.floor(at / x.step());
          setPointed(index >= 0 && index < points.length ? index : null);
        }}
        onPointerLeave={() => setPointed(null)}
      >
        <Patterns />
        {y.ticks(4).map((value) => (
          <g key={value}>
            <line x1={EDGE.left} x2={width - EDGE.right} y1={y(value)} y2={y(value)} className={value === 0 ? "axis" : "grid"} />
            <text x={EDGE.left - 8} y={y(value) + 4} textAnchor="end">
              {share ? percent(value) : compact(value)}
            </text>
          </g>
        ))}
        {layers.map((layer, index) => (
          <g key={layer.key} className={`area-${KINDS[index]?.[2]}`}>
            {layer.map(([low, high], at) => high > low && <rect key={at} x={(x(points[at]?.week ?? 0) ?? 0) + inset} width={bar} y={y(high)} height={Math.max(0, y(low) - y(high))} className={at === pointed ? "pointed-bar" : undefined} />)}
          </g>
        ))}
        {share && (
          <g className="trend-reference">
            <line x1={EDGE.left} x2={width - EDGE.right} y1={y(REFERENCE)} y2={y(REFERENCE)} />
          </g>
        )}
        {points.map((one, index) => index % every === 0 && (
          <text key={one.week} x={(x(one.week) ?? 0) + x.bandwidth() / 2} y={HEIGHT - 6} textAnchor="middle">
            {date(one.week)}
          </text>
        ))}
      </svg>
      <details className="small">
        <summary className="muted">The numbers as a table</summary>
        <div className="table-scroll tall">
          <table>
            <thead>
              <tr>
                <th>Week of</th>
                {KINDS.map(([key, label]) => (
                  <th key={key} className="right">
                    {label}
                  </th>
                ))}
                <th className="right">AI share</th>
                <th className="right">Commits</th>
                <th className="right">Deployments</th>
                <th className="right">Failed</th>
              </tr>
            </thead>
            <tbody>
              {points.toReversed().map((one) => (
                <tr key={one.week}>
                  <th scope="row">{date(one.week)}</th>
                  {KINDS.map(([key]) => (
                    <td key={key} className="right">
                      {count(one[key])}
                    </td>
                  ))}
                  <td className="right">{lines(one) === 0 ? "–" : percent(one.linesAi / lines(one))}</td>
                  <td className="right">{count(one.commits)}</td>
                  <td className="right">{count(one.deployments)}</td>
                  <td className="right">{count(one.failedDeployments)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}

function Patterns(): ReactNode {
  return (
    <defs>
      <pattern id="hatch-mixed" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect width="6" height="6" className="hatch-mixed-ground" />
        <rect width="3" height="6" className="hatch-mixed-line" />
      </pattern>
      <pattern id="hatch-unknown" width="6" height="6" patternUnits="userSpaceOnUse">
        <rect width="6" height="6" className="hatch-unknown-ground" />
        <circle cx="3" cy="3" r="1.1" className="hatch-unknown-dot" />
      </pattern>
    </defs>
  );
}

function lines(one: TrendPoint): number {
  return one.linesAi + one.linesMixed + one.linesHuman + one.linesUnknown;
}

function all(points: readonly TrendPoint[]): string {
  const total = points.reduce((sum, one) => sum + lines(one), 0);
  const ai = points.reduce((sum, one) => sum + one.linesAi, 0);
  const unknown = points.reduce((sum, one) => sum + one.linesUnknown, 0);
  return total === 0 ? "No lines were added" : `${count(ai)} of ${count(total)} added lines by assistants (${percent(ai / total)}), ${count(unknown)} of unknown authorship`;
}

function sentence(one: TrendPoint): string {
  const total = lines(one);
  if (total === 0) return `${date(one.week)}: nothing`;
  return `${date(one.week)}: ${KINDS.filter(([key]) => one[key] > 0).map(([key, label]) => `${label} ${percent(one[key] / total)}`).join(", ")} of ${count(total)} lines`;
}
