import { useState, type ReactNode } from "react";
import { useApi, type AssistantReport, type AssistantRow, type CommitReport, type CommitRow, type Definitions } from "../api.ts";
import { count, percent, plural } from "../format.ts";
import { AuthorTag, Empty, Foreign, Load, RefList, Revision, StatusPill } from "../parts/common.tsx";

export function ReportPage(): ReactNode {
  const assistants = useApi<AssistantReport>("/api/reports/assistants");
  const commits = useApi<CommitReport>("/api/reports/commits");
  return (
    <>
      <div className="page-head">
        <div>
          <h1>Reliability report</h1>
          <p>Which changes broke production, who wrote them by the evidence in the repository, and how many redeploys it took until the fix held.</p>
        </div>
      </div>
      <Load from={assistants}>{(report) => <Assistants report={report} />}</Load>
      <Load from={commits}>{(report) => <Commits report={report} />}</Load>
    </>
  );
}

function Assistants({ report }: { readonly report: AssistantReport }): ReactNode {
  return (
    <section className="card" aria-labelledby="assistants-title">
      <div className="card-title">
        <h2 id="assistants-title">By assistant</h2>
        <span className="muted small">Authors of the commits that incidents blame</span>
      </div>
      {report.rows.length === 0 ? (
        <Empty title="No commit was blamed yet">
          <p>An author shows up here once an incident names one of their commits.</p>
        </Empty>
      ) : (
        <div className="table-scroll">
          <table className="cards">
            <thead>
              <tr>
                <th>Author</th>
                <th className="right">Commits blamed</th>
                <th className="right">Incidents</th>
                <th className="right">Closed</th>
                <th>Verified in one cycle</th>
                <th>Cycles to fix</th>
              </tr>
            </thead>
            <tbody>
              {report.rows.map((row) => (
                <AssistantLine key={row.name} row={row} />
              ))}
            </tbody>
            {report.rows.length > 1 && (
              <tfoot>
                <AssistantLine row={report.total} />
              </tfoot>
            )}
          </table>
        </div>
      )}
      <div className="card-note small reference">
        <p>
          <strong>For comparison</strong> (a survey of 200 SRE and DevOps leaders, April 2026, self-reported, so a line beside the figures and not a measured baseline): of fixes that an AI suggested, <strong>0%</strong> were verified with one redeploy, <strong>88%</strong> took two to three, <strong>11%</strong> four to six. <strong>43%</strong> of AI-generated changes needed debugging in production.
        </p>
      </div>
      <Words definitions={report.definitions} names={ASSISTANT_NAMES} />
    </section>
  );
}

function AssistantLine({ row }: { readonly row: AssistantRow }): ReactNode {
  const share = row.closed === 0 ? 0 : row.inOne / row.closed;
  return (
    <tr>
      <th scope="row">
        {row.authorship === "ai" || row.authorship === "mixed" ? <span className="tag ai">{row.name}</span> : <span className="row-name">{row.name}</span>}
        {row.authorship !== null && row.models.length > 0 && <div className="muted small">{row.models.join(", ")}</div>}
      </th>
      <td data-label="Commits blamed" className="right">
        {count(row.commitsBlamed)}
      </td>
      <td data-label="Incidents" className="right">
        {count(row.incidents)}
      </td>
      <td data-label="Closed" className="right">
        {count(row.closed)}
      </td>
      <td data-label="Verified in one cycle">
        {row.closed === 0 ? (
          <span className="muted">none closed yet</span>
        ) : (
          <div className="share">
            <div className="share-track" role="img" aria-label={percent(share)}>
              {row.interval !== null && <i className="share-interval" style={{ left: `${row.interval[0] * 100}%`, width: `${(row.interval[1] - row.interval[0]) * 100}%` }} />}
              <i className="share-fill" style={{ width: `${share * 100}%` }} />
            </div>
            <span className="num nowrap">
              {row.inOne} of {row.closed} <span className="muted">({percent(share)}{row.interval !== null && `; 95%: ${percent(row.interval[0])} to ${percent(row.interval[1])}`})</span>
            </span>
          </div>
        )}
      </td>
      <td data-label="Cycles to fix" className="num">
        {row.closed === 0 ? <span className="muted">–</span> : <Spread row={row} />}
      </td>
    </tr>
  );
}

function Spread({ row }: { readonly row: AssistantRow }): ReactNode {
  return (
    <span>
      one: {row.inOne} · two or three: {row.inTwoOrThree} · more: {row.inFourOrMore}
    </span>
  );
}

function Commits({ report }: { readonly report: CommitReport }): ReactNode {
  const [all, setAll] = useState(false);
  const blamed = report.rows.filter((one) => one.incidents.length > 0);
  const shown = all ? report.rows : blamed;
  const others = report.rows.length - blamed.length;
  return (
    <section className="card" aria-labelledby="commits-title">
      <div className="card-title">
        <h2 id="commits-title">By commit</h2>
        <span className="muted small">
          {plural(blamed.length, "commit")} blamed, {plural(others, "deployed revision")} without blame
        </span>
      </div>
      {shown.length === 0 ? (
        <Empty title="No commit was blamed yet" />
      ) : (
        <div className="table-scroll">
          <table className="cards">
            <thead>
              <tr>
                <th>Commit</th>
                <th>Written by</th>
                <th>Service</th>
                <th className="right">Spans served</th>
                <th className="right">With error</th>
                <th>Incidents blamed on it</th>
                <th className="right">Cycles to fix</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((row) => (
                <CommitLine key={row.commit} row={row} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {others > 0 && (
        <p className="card-note">
          <button type="button" className="button quiet" onClick={() => setAll(!all)} aria-expanded={all}>
            {all ? "Only blamed commits" : `Show ${plural(others, "deployed revision")} without blame`}
          </button>
        </p>
      )}
      <Words definitions={report.definitions} names={COMMIT_NAMES} />
    </section>
  );
}

function CommitLine({ row }: { readonly row: CommitRow }): ReactNode {
  return (
    <tr>
      <td data-label="Commit" className="wide">
        <Revision id={row.commit} /> <Foreign text={row.subject} max={100} />
        {!row.deployed && <div className="muted small">ran as part of a later revision</div>}
      </td>
      <td data-label="Written by" className="author">
        {row.authorship === null ? (
          <span className="muted">not looked up</span>
        ) : (
          <div className="stack tight">
            <AuthorTag by={{ ...row, authorship: row.authorship }} />
            <span className="muted small">
              <Foreign text={row.authorName} max={60} />
            </span>
          </div>
        )}
      </td>
      <td data-label="Service">
        <Foreign text={row.services.join(", ")} max={80} />
      </td>
      <td data-label="Spans served" className="right">
        {row.deployed ? count(row.spans) : "–"}
      </td>
      <td data-label="With error" className="right">
        {row.deployed ? count(row.errors) : "–"}
      </td>
      <td data-label="Incidents" className="wide">
        <RefList refs={row.incidents.map((one) => ({ ...one, pill: <StatusPill status={one.status} /> }))} />
      </td>
      <td data-label="Cycles to fix" className="right">{row.cyclesToFix.length === 0 ? <span className="muted">{row.incidents.length === 0 ? "–" : "open"}</span> : row.cyclesToFix.join(", ")}</td>
    </tr>
  );
}

const ASSISTANT_NAMES: Readonly<Record<string, string>> = { assistant: "Author", commitsBlamed: "Commits blamed", incidents: "Incidents", inOne: "Verified in one cycle", interval: "95% interval" };
const COMMIT_NAMES: Readonly<Record<string, string>> = { commit: "Commit", blamed: "Blamed", author: "Written by", exposure: "Spans served", cycles: "Cycles to fix" };

function Words({ definitions, names }: { readonly definitions: Definitions; readonly names: Readonly<Record<string, string>> }): ReactNode {
  return (
    <details className="card-note small words">
      <summary>What these figures count, and out of what</summary>
      <dl>
        {Object.entries(definitions).map(([key, sentence]) => (
          <div key={key}>
            <dt>{names[key] ?? key}</dt>
            <dd>{sentence}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
