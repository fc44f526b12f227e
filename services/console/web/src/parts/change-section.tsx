import type { Incident, SuspectRecord } from "@firstfix/incident";
import { useState, type ReactNode } from "react";
import { percent, plural, short } from "../format.ts";
import { conflictOf } from "../ledger.ts";
import { abstention, rankOf, tied } from "../ranking.ts";
import { changePath, Link } from "../router.tsx";
import { AuthorTag, Foreign, Revision, Says, Time } from "./common.tsx";
import { DiffView } from "./diff-view.tsx";
import { EvidenceList } from "./evidence-list.tsx";
import { Fold, useRoom } from "./fold.tsx";

const PARTS: Readonly<Record<string, string>> = { line: "Lines", near: "Lines near", file: "File", symbol: "Symbols", requirement: "Requirement", "only-change": "Only change", exposure: "Exposure", spectrum: "Traces" };

export function ChangeSection({ incident, blind }: { readonly incident: Incident; readonly blind: boolean }): ReactNode {
  const { ranking } = incident;
  const [others, setOthers] = useState(false);
  const named = ranking !== null && ranking.abstained === null;
  const shown = ranking === null || !named ? [] : others ? ranking.suspects : ranking.suspects.slice(0, 1);
  const more = (ranking?.suspects.length ?? 0) - 1;
  return (
    <section className="card" id="change" aria-labelledby="change-title">
      <div className="card-title">
        <h2 id="change-title">Which change</h2>
        {ranking !== null && (
          <span className="muted small">
            {plural(ranking.candidates, "commit")} between {ranking.good === null ? "the beginning" : <Revision id={ranking.good} />}, the last good revision, and <Revision id={ranking.bad} />
          </span>
        )}
      </div>
      {ranking === null && <p className="card-body muted">{incident.mergedInto !== null ? "The commits behind it are those of the incident that it was merged into." : blind ? "No commit could be looked for: see the note above." : "The commits of this deployment are being looked at…"}</p>}
      {ranking !== null && !named && (
        <div className="part">
          <p>
            <strong>No commit is named.</strong>{" "}
            <span className="muted">
              Firstfix abstains: <Says text={abstention(ranking)} /> A wrong suspect costs more than none.
            </span>
          </p>
          {ranking.suspects.length > 0 && (
            <Fold title={<h3>What came nearest</h3>} says={`${plural(ranking.suspects.length, "commit")}, none of them named${tied(ranking.suspects) ? "; all as likely as each other" : ""}`}>
              {ranking.suspects.map((suspect) => (
                <Suspect key={suspect.commit} suspect={suspect} rank={null} named={false} confidence={undefined} />
              ))}
            </Fold>
          )}
        </div>
      )}
      {shown.map((suspect, index) => (
        <Suspect key={suspect.commit} suspect={suspect} rank={rankOf(ranking?.suspects ?? [], suspect)} named={index === 0} confidence={index === 0 ? ranking?.confidence : undefined} />
      ))}
      {named && more > 0 && (
        <p className="card-note">
          <button type="button" className="button quiet" onClick={() => setOthers(!others)} aria-expanded={others}>
            {others ? "Hide the weaker suspects" : `Show ${plural(more, "weaker suspect")}`}
          </button>
        </p>
      )}
    </section>
  );
}

interface SuspectProps {
  readonly suspect: SuspectRecord;
  /** Null where nobody is named: an order would read as a verdict. */
  readonly rank: string | null;
  readonly named: boolean;
  readonly confidence: number | undefined;
}

function Suspect({ suspect, rank, named, confidence }: SuspectProps): ReactNode {
  const { attribution } = suspect;
  const room = useRoom();
  const [diff, setDiff] = useState(named && room);
  const places = (one: SuspectRecord["parts"][number]): string => one.places.map((place) => `${place.path}:${place.line}`).join("\n");
  return (
    <article className="part">
      <div className="row">
        {rank !== null && (
          <span className={`rank${named ? " first" : ""}`} title={rank.startsWith("=") ? `Ranked ${rank.slice(1)}, as others are` : `Ranked ${rank}`}>
            {rank}
          </span>
        )}
        <h3 className="grow">
          <code className="suspect-id" title={suspect.commit}>
            {short(suspect.commit)}
          </code>{" "}
          <Foreign text={suspect.subject} max={200} />
        </h3>
      </div>
      <p className="row small muted">
        {rank !== null && <AuthorTag by={attribution} />}
        <span>
          <Foreign text={suspect.authorName} max={80} />, <Time at={suspect.authoredAt} />
        </span>
        <Link href={changePath(suspect.commit, "")}>All that production says of it</Link>
      </p>
      <div className="halves">
        <div className="stack">
          <h4 className="label">{rank === null ? "What ties it to the failure" : "Why this commit"}</h4>
          <div className="score">
            <div className="score-track" role="img" aria-label={`Score ${percent(suspect.score)}`}>
              {suspect.parts.map((one, index) => (
                <i key={index} className={`k${index % 5}`} style={{ width: `${Math.max(0, one.score) * 100}%` }} title={`${PARTS[one.kind] ?? one.kind}: ${percent(one.score)}`} />
              ))}
            </div>
            <span className="num">
              <strong>{percent(suspect.score)}</strong> <span className="small muted">score</span>
            </span>
          </div>
          {confidence !== undefined && (
            <p className="small" title="Measured on generated histories with a known culprit: of commits named with such a score and such a lead over the second one, so many were guilty.">
              The guilty one with <strong>{percent(confidence)}</strong> confidence.
            </p>
          )}
          <ul className="reasons">
            {suspect.parts.map((one, index) => (
              <li key={index}>
                <i className={`swatch k${index % 5}`} />
                <span className="num muted">{percent(one.score)}</span>
                <span title={places(one)}>
                  <Says text={one.says} />
                </span>
              </li>
            ))}
          </ul>
        </div>
        <div className="stack">
          <Fold title={<h4 className="label">Who wrote it</h4>} says={evidenceSummary(attribution)} open={rank !== null && (room || conflictOf(attribution.evidence) !== null)}>
            <EvidenceList attribution={attribution} />
          </Fold>
        </div>
      </div>
      {diff ? (
        <DiffView diff={suspect.diff} assistantLines={suspect.assistantLines} assistant={attribution.agent || "an assistant"} evidence={attribution.evidence} />
      ) : (
        <div>
          <button type="button" className="button" onClick={() => setDiff(true)}>
            Show the commit's diff
          </button>
        </div>
      )}
    </article>
  );
}

function evidenceSummary({ authorship, evidence }: SuspectRecord["attribution"]): string {
  if (evidence.length === 0) return "no evidence: unknown, which does not mean a person";
  return `${plural(evidence.length, "piece")} of evidence${authorship === "unknown" ? ", none that says" : ""}`;
}
