import type { ReactNode } from "react";
import { useApi, type ChangeDetail } from "../api.ts";
import { capital, count, duration, percent, plural } from "../format.ts";
import { CopyButton, Empty, Foreign, Load, Revision, StatusPill, Time, WrittenBy } from "../parts/common.tsx";
import { DiffView } from "../parts/diff-view.tsx";
import { EvidenceList } from "../parts/evidence-list.tsx";
import { marksOf, saidOfLines } from "../marks.ts";
import { incidentPath, Link, useChoices } from "../router.tsx";
import { outOf, sharedBy } from "../shared.ts";

const PATHS_SHOWN = 40;

/** `given` is a commit's id or its beginning, in either case, as people copy it; or anything else that stands in an address. */
export function ChangePage({ given }: { readonly given: string }): ReactNode {
  const id = given.toLowerCase();
  return (
    <>
      <p className="small">
        <Link href="/changes">← All changes</Link>
      </p>
      {/^[0-9a-f]{4,64}$/.test(id) ? <Found id={id} /> : <NoCommit id={given} />}
    </>
  );
}

function Found({ id }: { readonly id: string }): ReactNode {
  const [choices] = useChoices();
  const repository = choices.get("repository");
  const loaded = useApi<ChangeDetail>(`/api/reports/changes/${id}${repository === null ? "" : `?repository=${encodeURIComponent(repository)}`}`, 60_000, true);
  if (loaded.data === null && loaded.error?.status === 404) return <NoCommit id={id} />;
  if (loaded.data === null && loaded.error?.status === 409) return <Several id={id} says={loaded.error.message} />;
  return <Load from={loaded}>{(detail) => <Whole detail={detail} />}</Load>;
}

function NoCommit({ id }: { readonly id: string }): ReactNode {
  return (
    <div className="card">
      <h1 className="visually-hidden">No such commit</h1>
      <Empty title="No such commit">
        <p>
          No commit in the store has an id that begins with{" "}
          <code className="trace-id">
            <Foreign text={id} max={80} />
          </code>
          . Copy the id again, at least four of its digits, or <Link href="/changes?range=all">look for it in the list</Link>.
        </p>
        <p>
          If it is missing, read its repository's history with <code>npx firstfix backfill</code>, or deploy it: then it comes by itself. Merges are not listed: what they merged is.
        </p>
      </Empty>
    </div>
  );
}

function Several({ id, says }: { readonly id: string; readonly says: string }): ReactNode {
  return (
    <div className="card">
      <h1 className="visually-hidden">Several commits</h1>
      <Empty title={`${capital(says)}.`}>
        <p>
          Give more of its digits, or <Link href={`/changes?range=all&q=${id}`}>choose it in the list</Link>.
        </p>
      </Empty>
    </div>
  );
}

function Whole({ detail }: { readonly detail: ChangeDetail }): ReactNode {
  const { change } = detail;
  const { exposure } = change;
  const ran = change.deployments.length > 0;
  const known = ran || change.files > 0;
  const shared = sharedBy(change.deployments);
  return (
    <>
      <header className="card">
        <div className="card-body stack">
          <div className="row">
            <WrittenBy by={change} />
            <span className="row small muted">
              <code className="clip">{change.commit}</code>
              <CopyButton text={change.commit} />
            </span>
          </div>
          <h1>
            <Foreign text={change.subject || "(no subject)"} max={300} />
          </h1>
          <dl className="meta small">
            <Fact name="Author">
              <Foreign text={change.authorName || "unknown"} max={80} />, <Time at={change.committedAt} />
            </Fact>
            <Fact name="Repository">
              <Foreign text={change.repository.replace(/^https?:\/\//, "") || "unknown"} max={120} />
            </Fact>
            <Fact name="Size">
              {known ? (
                <>
                  {plural(change.files, "file")}, <span className="diff-plus">+{count(change.linesAdded)}</span> <span className="diff-minus">−{count(change.linesDeleted)}</span>
                </>
              ) : (
                <span className="muted">not looked up</span>
              )}
            </Fact>
            {change.teams.length > 0 && (
              <Fact name="Owned by">
                <Foreign text={change.teams.join(", ")} max={120} />
              </Fact>
            )}
          </dl>
        </div>
        <dl className="facts in-card">
          <Number name="Served" value={ran ? count(exposure.entries) : "–"} note={ran ? "requests and messages" : known ? "not deployed yet" : "not looked up"} />
          <Number name="Errors" value={ran ? count(exposure.errors) : "–"} note={ran ? `of ${plural(exposure.spans, "span")}${exposure.errors > 0 && shared !== null ? `, shared by ${shared}` : ""}` : ""} />
          <Number name="Violations" value={ran && exposure.evaluations > 0 ? count(exposure.violations) : "–"} note={ran ? `${outOf(exposure.evaluations)}${exposure.violations > 0 && shared !== null ? `, shared by ${shared}` : ""}` : ""} />
          <Number name="Incidents" value={count(change.incidents.length)} note={change.incidents.length === 0 ? "none blames it" : "blame it"} bad={change.incidents.length > 0} />
          <Number name="Redeploys" value={count(change.redeploys)} note="to mend it" />
          <Number name="Lead time" value={change.leadMs === null ? "–" : duration(change.leadMs)} note="commit to deployment" />
        </dl>
        {!known && (
          <p className="card-note small">
            This commit is known from an incident only. <code>npx firstfix backfill</code> reads its size, lines and deployments from the repository.
          </p>
        )}
        {ran && (
          <p className="card-note small shared-note">
            <strong>Errors and violations are no blame.</strong> They are of the whole revision that brought this commit
            {shared === null ? ", older code included" : `: ${shared} came with it, and each shows these same figures`}. What this commit is blamed for stands under incidents.
          </p>
        )}
      </header>
      <section className="card" aria-labelledby="who-title">
        <div className="card-title">
          <h2 id="who-title">Who wrote it</h2>
        </div>
        <div className="card-body halves">
          <EvidenceList attribution={{ authorship: change.authorship ?? "unknown", evidence: detail.evidence }} />
          <Lines detail={detail} />
        </div>
      </section>
      <Incidents detail={detail} />
      <Deployments detail={detail} />
      <section className="card" aria-labelledby="diff-title">
        <div className="card-title">
          <h2 id="diff-title">What it changed</h2>
          {change.files > 0 && <span className="muted small">{plural(change.files, "file")}</span>}
        </div>
        <div className="card-body stack">
          {detail.diff !== "" ? (
            <DiffView diff={detail.diff} assistantLines={detail.assistantLines} assistant={change.agent || "an assistant"} evidence={detail.evidence} />
          ) : (
            <>
              <p className="small muted">The diff is kept for commits that an incident suspects. To see it:</p>
              <div className="command">
                <code>git show {change.commit.slice(0, 12)}</code>
                <CopyButton text={`git show ${change.commit}`} />
              </div>
            </>
          )}
          {detail.diff === "" && detail.paths.length > 0 && (
            <ul className="paths small">
              {detail.paths.slice(0, PATHS_SHOWN).map((one) => (
                <li key={one}>
                  <code>
                    <Foreign text={one} max={240} />
                  </code>
                </li>
              ))}
              {detail.paths.length > PATHS_SHOWN && <li className="muted">and {count(detail.paths.length - PATHS_SHOWN)} more</li>}
            </ul>
          )}
        </div>
      </section>
    </>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactNode {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Number({ name, value, note, bad = false }: { readonly name: string; readonly value: string; readonly note: string; readonly bad?: boolean }): ReactNode {
  return (
    <div className={`fact${bad ? " bad" : ""}`}>
      <dt>{name}</dt>
      <dd>
        {value} <small>{note}</small>
      </dd>
    </div>
  );
}

const KINDS: Readonly<Record<string, string>> = { ai: "Assistant", human: "People", mixed: "Mixed", unknown: "Unknown" };

function Lines({ detail }: { readonly detail: ChangeDetail }): ReactNode {
  const total = detail.lines.reduce((sum, one) => sum + one.count, 0);
  if (total === 0) return <p className="small muted">No lines by author are kept for it.</p>;
  const marks = marksOf(detail.evidence);
  const disputed = detail.change.conflict || marks.disputed !== null;
  const classOf = (one: ChangeDetail["lines"][number]): string => `author-${one.authorship}${saidOfLines(marks, one) === "" ? "" : " whole"}`;
  return (
    <div>
      <h3 className="label">Added lines by author</h3>
      <div className="spread-bar line-bar" aria-hidden="true">
        {detail.lines.map((one, index) => (
          <i key={index} className={classOf(one)} style={{ width: `${(one.count / total) * 100}%` }} />
        ))}
      </div>
      <ul className="small line-list">
        {detail.lines.map((one, index) => (
          <li key={index}>
            <span className={`key ${classOf(one)}`}>
              <span>
                <Foreign text={[one.agent || KINDS[one.authorship] || one.authorship, one.model].filter((part) => part !== "").join(" · ")} max={80} />
                {saidOfLines(marks, one) !== "" && <span className="muted"> {saidOfLines(marks, one)}</span>}
              </span>
            </span>
            <span className="num">
              {plural(one.count, "line")} <span className="muted">({percent(one.count / total)})</span>
            </span>
          </li>
        ))}
      </ul>
      {detail.lines.some((one) => saidOfLines(marks, one) !== "") && <p className="small muted line-note">Striped: said of the commit as a whole. No record tells which of these lines it is true of.</p>}
      {disputed && <p className="small line-note">The evidence disagrees: these lines stand under whom the stronger evidence names.</p>}
    </div>
  );
}

function Incidents({ detail }: { readonly detail: ChangeDetail }): ReactNode {
  const { incidents } = detail.change;
  return (
    <section className="card" aria-labelledby="blame-title">
      <div className="card-title">
        <h2 id="blame-title">Incidents that blame it</h2>
      </div>
      {incidents.length === 0 ? (
        <p className="card-body muted">None. An incident blames a commit when it is ranked first and the evidence is strong enough.</p>
      ) : (
        <div className="table-scroll">
          <table className="cards">
            <thead>
              <tr>
                <th>Incident</th>
                <th>Status</th>
                <th className="right">Cycles until it held</th>
                <th className="right">Time to recovery</th>
              </tr>
            </thead>
            <tbody>
              {incidents.map((one) => (
                <tr key={`${one.incidentId} ${one.openedAt}`}>
                  <td data-label="Incident" className="title-cell">
                    <Link href={incidentPath(one.incidentId)}>
                      <Foreign text={one.title} max={300} />
                    </Link>
                  </td>
                  <td data-label="Status">
                    <StatusPill status={one.status} />
                  </td>
                  <td data-label="Cycles" className="right">
                    {one.cycles ?? "–"}
                  </td>
                  <td data-label="Recovery" className="right nowrap">
                    {one.recoveryMs === null ? "–" : duration(one.recoveryMs)}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function Deployments({ detail }: { readonly detail: ChangeDetail }): ReactNode {
  const { deployments, commit, files } = detail.change;
  const known = files > 0;
  return (
    <section className="card" aria-labelledby="deployed-title">
      <div className="card-title">
        <h2 id="deployed-title">Where it was deployed first</h2>
      </div>
      {deployments.length === 0 ? (
        <p className="card-body muted">{known ? "Nowhere yet, as far as telemetry tells." : "Not looked up."}</p>
      ) : (
        <div className="table-scroll">
          <table className="cards">
            <thead>
              <tr>
                <th>Service</th>
                <th>Environment</th>
                <th>Revision that brought it</th>
                <th className="right">Commits with it</th>
                <th>First seen</th>
              </tr>
            </thead>
            <tbody>
              {deployments.map((one) => (
                <tr key={`${one.service} ${one.environment}`}>
                  <td data-label="Service">
                    <Foreign text={one.service || "unnamed"} max={80} />
                  </td>
                  <td data-label="Environment">
                    <Foreign text={one.environment || "no environment"} max={60} />
                  </td>
                  <td data-label="Revision">
                    <Revision id={one.revision} /> {one.revision !== commit && <span className="muted small">a later commit: it ran as part of it</span>}
                  </td>
                  <td data-label="Commits" className="right">
                    {count(one.commits)}
                  </td>
                  <td data-label="First seen">
                    <Time at={one.deployedAt} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
