import type { CycleVerdict, SprtRecord } from "@firstfix/incident";
import type { ReactNode } from "react";

const WORD = { held: "Held", failed: "Failed", pending: "Pending" } as const;
const TONE = { held: "green", failed: "red", pending: "amber working" } as const;

export function VerdictPill({ verdict }: { readonly verdict: CycleVerdict }): ReactNode {
  return <span className={`pill ${TONE[verdict]}`}>{WORD[verdict]}</span>;
}

/** Where the evidence stands between the two bounds of the sequential test: at the left end the fix failed, at the right it held. */
export function SprtBar({ test, verdict }: { readonly test: SprtRecord | null; readonly verdict: CycleVerdict }): ReactNode {
  if (test === null) return <span className="small muted">No traffic judged yet</span>;
  const share = Math.min(1, Math.max(0, (test.logRatio - test.logReject) / (test.logAccept - test.logReject)));
  const bounds = `log ratio ${test.logRatio.toFixed(2)}, failed at ${test.logReject.toFixed(2)}, held at ${test.logAccept.toFixed(2)}`;
  return (
    <div className={`sprt ${verdict}`} title={bounds}>
      <div className="sprt-track" role="img" aria-label={bounds}>
        <i className="sprt-middle" />
        <i className="sprt-fill" style={{ left: `${Math.min(50, share * 100)}%`, width: `${Math.abs(share - 0.5) * 100}%` }} />
        <i className="sprt-point" style={{ left: `${share * 100}%` }} />
      </div>
      <div className="sprt-ends small muted num" aria-hidden="true">
        <span>failed {signed(test.logReject, 1)}</span>
        <span className="sprt-value">{signed(test.logRatio, 2)}</span>
        <span>held {signed(test.logAccept, 1)}</span>
      </div>
    </div>
  );
}

function signed(value: number, digits: number): string {
  return value.toFixed(digits).replace("-", "−");
}
