import type { AuthorshipRecord } from "@firstfix/incident";
import type { ReactNode } from "react";
import { percent } from "../format.ts";
import { channelName, conflictOf, inTiers, levelOf, tierOf } from "../ledger.ts";
import { Foreign } from "./common.tsx";

/** The ledger: every piece of evidence with its tier, and where they contradict each other which one decides. */
export function EvidenceList({ attribution }: { readonly attribution: Pick<AuthorshipRecord, "authorship" | "evidence"> }): ReactNode {
  const ledger = inTiers(attribution.evidence);
  if (ledger.length === 0) return <p className="small muted">The repository holds no evidence of who wrote this. Unknown does not mean a person.</p>;
  const conflict = conflictOf(ledger);
  return (
    <div className="stack">
      {attribution.authorship === "unknown" && <p className="small muted">The evidence does not say who wrote this. Unknown does not mean a person.</p>}
      {conflict !== null && (
        <p className="notice small">
          <strong>Evidence disagrees.</strong> {conflict}
        </p>
      )}
      <ol className="stack">
        {ledger.map((one, index) => (
          <li key={index} className="evidence">
            <p className="row small">
              <span className="tier" title={`Tier ${tierOf(one)}: lower decides`}>
                {tierOf(one)}
              </span>
              <strong>
                <Foreign text={one.agent || "A person"} max={60} />
              </strong>
              <span className="muted">
                {channelName(one)}, {levelOf(one)}
                {one.role !== "author" && `, as ${one.role}`}
                {one.lines !== undefined && (
                  <>
                    , <code>{`${one.lines.path}:${one.lines.from}–${one.lines.to}`}</code>
                  </>
                )}
              </span>
              <span className="num muted">{percent(one.confidence)} sure</span>
            </p>
            <pre className="block">{one.raw.slice(0, 1000)}</pre>
          </li>
        ))}
      </ol>
    </div>
  );
}
