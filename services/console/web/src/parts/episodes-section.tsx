import type { ReactNode } from "react";
import type { EpisodeLine, IncidentDetail } from "../api.ts";
import { duration, plural } from "../format.ts";
import { abstention } from "../ranking.ts";
import { changePath, Link } from "../router.tsx";
import { AuthorTag, Foreign, Revision, Says, Time } from "./common.tsx";
import { VerdictPill } from "./sprt-bar.tsx";

/** The times that this incident was open before: when, since which deployment, who was blamed then and how it ended. */
export function EpisodesSection({ detail }: { readonly detail: IncidentDetail }): ReactNode {
  const earlier = earlierOf(detail);
  if (earlier.length === 0) return null;
  return (
    <section className="card" id="earlier" aria-labelledby="earlier-title">
      <div className="card-title">
        <h2 id="earlier-title">Earlier failures</h2>
        <span className="muted small">The same failure stood before. What this page says above is of the last time.</span>
      </div>
      <ol className="episodes" reversed>
        {earlier.toReversed().map((one, index) => (
          <li key={one.openedAt} className="part">
            <Earlier episode={one} number={earlier.length - index} came={detail.episodes[earlier.length - index]?.openedAt ?? null} />
          </li>
        ))}
      </ol>
    </section>
  );
}

/** All episodes but the one that stands. */
export function earlierOf(detail: IncidentDetail): readonly EpisodeLine[] {
  return detail.episodes.slice(0, -1);
}

const ENDED = { open: "Open", closed: "Held, then closed", merged: "Merged into another incident", superseded: "Not resolved: another deployment was named" } as const;

function Earlier({ episode, number, came }: { readonly episode: EpisodeLine; readonly number: number; readonly came: number | null }): ReactNode {
  const { suspect, closedAt, cycles, deployment } = episode;
  return (
    <>
      <h3>
        Failure {number}: {ENDED[episode.outcome]}
      </h3>
      <dl className="meta small">
        <div>
          <dt>Opened</dt>
          <dd>
            <Time at={episode.openedAt} />
          </dd>
        </div>
        <div>
          <dt>Ended</dt>
          <dd>{closedAt === null ? "–" : <><Time at={closedAt} /> <span className="muted">after {duration(closedAt - episode.openedAt)}</span></>}</dd>
        </div>
        {came !== null && (
          <div>
            <dt>Came back</dt>
            <dd>
              <Time at={came} />
              {closedAt !== null && came > closedAt && <span className="muted"> {duration(came - closedAt)} later</span>}
            </dd>
          </div>
        )}
        <div>
          <dt>First failing revision</dt>
          <dd>
            <Revision id={deployment.revision} />
          </dd>
        </div>
      </dl>
      {suspect === null ? (
        <p className="small muted">
          {episode.abstained === null ? (
            "No commit was blamed."
          ) : (
            <>
              No commit was blamed: <Says text={abstention({ abstained: episode.abstained, suspects: [] })} />
            </>
          )}
        </p>
      ) : (
        <p className="row small">
          <span className="muted">Blamed then</span>
          <Link href={changePath(suspect.commit, deployment.repository)}>
            <Revision id={suspect.commit} /> <Foreign text={suspect.subject} max={160} />
          </Link>
          <AuthorTag by={suspect} />
        </p>
      )}
      {cycles.map((one) => (
        <p key={one.cycle} className="row small">
          <VerdictPill verdict={one.verdict} />
          <span>
            Cycle {one.cycle}, deployed as <Revision id={one.deployment.revision} /> <Time at={one.startedAt} />
            {one.test !== null && `: ${plural(one.test.failures, "failure")} in ${plural(one.test.trials, "trial")}`}
          </span>
        </p>
      ))}
      {cycles.length === 0 && <p className="small muted">No redeploy claimed to resolve it.</p>}
    </>
  );
}
