import type { AuthorshipRecord } from "@firstfix/incident";
import type { ReactNode } from "react";
import { percent } from "../format.ts";
import { Foreign } from "./common.tsx";

type Evidence = AuthorshipRecord["evidence"][number];

/** Channels, the strongest first. The tier decides, and never how often something is said. */
const CHANNELS: Readonly<Record<string, { readonly tier: number; readonly name: string; readonly level: string }>> = {
  "git-ai-note": { tier: 1, name: "git-ai note", level: "by line" },
  "agent-trace": { tier: 2, name: "Agent Trace record", level: "by line" },
  "git-author": { tier: 3, name: "Author of the commit", level: "whole commit" },
  trailer: { tier: 4, name: "Trailer", level: "whole commit" },
  "pull-request": { tier: 5, name: "Pull request", level: "whole commit" },
};

/** The ledger: every piece of evidence with its tier, and where they contradict each other which one decides. */
export function EvidenceList({ attribution }: { readonly attribution: Pick<AuthorshipRecord, "authorship" | "evidence"> }): ReactNode {
  const ledger = attribution.evidence.toSorted((a, b) => tierOf(a) - tierOf(b) || b.confidence - a.confidence);
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
                {channelName(one)}, {CHANNELS[one.channel]?.level ?? "whole commit"}
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

/** `Trailer says Copilot, git-ai note says Claude Code: the note decides.` Null where all say the same. */
export function conflictOf(ledger: readonly Evidence[]): string | null {
  const authors = ledger.filter((one) => one.role === "author").toSorted((a, b) => tierOf(a) - tierOf(b));
  const [first] = authors;
  if (first === undefined) return null;
  const other = authors.find((one) => tierOf(one) > tierOf(first) && one.agent !== first.agent);
  if (other === undefined) return null;
  return `${channelName(other)} says ${other.agent || "a person"}, ${inSentence(first)} says ${first.agent || "a person"}: the ${inSentence(first)} decides, as the stronger evidence.`;
}

/** Names keep their capitals, other words lose them. */
function inSentence(one: Evidence): string {
  return channelName(one).replace(/^(Author|Trailer|Pull)/, (word) => word.toLowerCase());
}

function channelName(one: Evidence): string {
  return CHANNELS[one.channel]?.name ?? one.channel;
}

function tierOf(one: Evidence): number {
  return CHANNELS[one.channel]?.tier ?? 6;
}
