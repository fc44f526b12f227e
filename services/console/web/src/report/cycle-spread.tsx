import type { ReactNode } from "react";
import type { CycleSpread } from "../api.ts";
import { percent, plural } from "../format.ts";
import { Empty, Foreign } from "../parts/common.tsx";

const PARTS = [["one", "One", "c1"], ["twoOrThree", "Two or three", "c2"], ["fourOrMore", "Four or more", "c3"]] as const;

/** Lightrun's survey of April 2026: its 0, 88 and 11 percent do not add up to 100, as published. */
const SURVEY = { one: 0, twoOrThree: 0.88, fourOrMore: 0.11 } as const;

/** As everywhere in reports: below this many, a bar is drawn thin and striped, and the legend says so: one of one is no certainty. */
const FEW = 20;

/** How many redeploys closed incidents took, beside the survey. */
export function CycleSpreads({ spreads }: { readonly spreads: readonly CycleSpread[] }): ReactNode {
  const all = spreads.filter((one) => one.closed > 0);
  return (
    <section className="card" aria-labelledby="spread-title" id="cycles">
      <div className="card-title">
        <h2 id="spread-title">Redeploys until it held</h2>
        <span className="row small chart-legend">
          {PARTS.map(([key, label, tone]) => (
            <span key={key} className={`key ${tone}`}>
              {label}
            </span>
          ))}
          {all.some((one) => one.closed < FEW) && <span className="key few-key">Thin and striped: fewer than {FEW} incidents, too few to compare</span>}
        </span>
      </div>
      {all.length === 0 && (
        <Empty title="No incident of this period was closed by a redeploy">
          <p>Approve a fix, merge its branch and deploy it: the redeploy is counted and judged by itself.</p>
        </Empty>
      )}
      <ul className="spreads">
        {all.map((one, index) => (
          <li key={`${index} ${one.label}`} className={one.closed < FEW ? "few" : undefined}>
            <span className="spread-label">
              <Foreign text={one.label.replace(/^https?:\/\//, "")} max={60} />
              <span className="small muted num">{plural(one.closed, "incident")}{one.closed < FEW ? ", too few" : ""}</span>
            </span>
            <Bar label={one.closed < FEW ? `${one.label}, too few to compare` : one.label} parts={PARTS.map(([key, name, tone]) => ({ name, tone, share: one[key] / one.closed, text: String(one[key]) }))} />
          </li>
        ))}
        <li className="survey">
          <span className="spread-label">
            Survey
            <span className="small muted">200 leaders, self-reported</span>
          </span>
          <Bar label="Survey" parts={PARTS.map(([key, name, tone]) => ({ name, tone, share: SURVEY[key], text: percent(SURVEY[key]) }))} />
        </li>
      </ul>
      <p className="card-note small muted">Closed incidents with at least one redeploy, by how many it took, whoever wrote the change and the fix. Survey: Lightrun, April 2026, of AI-suggested fixes: 0% one, 88% two to three, 11% four to six. Few incidents say little: see the intervals of “Held after one redeploy” above.</p>
    </section>
  );
}

function Bar({ label, parts }: { readonly label: string; readonly parts: readonly { readonly name: string; readonly tone: string; readonly share: number; readonly text: string }[] }): ReactNode {
  return (
    <div className="spread-bar num" role="img" aria-label={`${label}: ${parts.map((one) => `${one.name.toLowerCase()} ${one.text}`).join(", ")}`}>
      {parts.map((one) => one.share > 0 && (
        <i key={one.name} className={one.tone} style={{ width: `${one.share * 100}%` }} title={`${one.name}: ${one.text}`}>
          {one.text}
        </i>
      ))}
    </div>
  );
}
