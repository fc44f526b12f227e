import type { ReactNode } from "react";
import { useApi, type ChangeReport, type ChangeRow } from "../api.ts";
import { compact, count, date, duration, fullTime, plural } from "../format.ts";
import { Empty, Foreign, Load, Revision, Says, WrittenBy } from "../parts/common.tsx";
import { Choices, Downloads, useChosen } from "../report/choices.tsx";
import { useSome } from "../parts/some.tsx";
import { changePath, Link, useChoices } from "../router.tsx";

const LISTED = 1000;

interface Column {
  readonly key: string;
  readonly label: string;
  readonly title: string;
  readonly of: (row: ChangeRow) => number | string;
  readonly right?: boolean;
}

/** Columns in order; each can be sorted by. Numbers begin with the largest. */
const COLUMNS: readonly Column[] = [
  { key: "committed", label: "Change", title: "Sort by the time of the commit", of: (row) => row.committedAt },
  { key: "author", label: "Written by", title: "Sort by who wrote it", of: (row) => `${row.authorship ?? "~"} ${row.agent} ${row.model}` },
  { key: "lines", label: "Lines", title: "Lines added and deleted", of: (row) => row.linesAdded + row.linesDeleted, right: true },
  { key: "deployed", label: "Deployed", title: "When and where it was deployed first", of: (row) => row.deployments[0]?.deployedAt ?? 0 },
  { key: "served", label: "Served", title: "Requests and messages served by the revisions that brought it", of: (row) => row.exposure.entries, right: true },
  { key: "errors", label: "Errors", title: "Spans with error at those revisions. Other commits came with them: this is no blame.", of: (row) => row.exposure.errors, right: true },
  { key: "violations", label: "Violations", title: "Violated evaluations of requirements at those revisions", of: (row) => row.exposure.violations, right: true },
  { key: "incidents", label: "Incidents", title: "Incidents that blame it", of: (row) => row.incidents.length, right: true },
  { key: "cycles", label: "Cycles", title: "Redeploys that it took until the incident held", of: (row) => Math.max(-1, ...row.incidents.map((one) => one.cycles ?? -1)), right: true },
  { key: "recovery", label: "Recovery", title: "From the opening of the incident until production had confirmed the fix", of: (row) => Math.max(-1, ...row.incidents.map((one) => one.recoveryMs ?? -1)), right: true },
  { key: "redeploys", label: "Redeploys", title: "All redeploys that claimed to mend it", of: (row) => row.redeploys, right: true },
];

const AUTHORS = [["", "Everybody"], ["ai", "Assistants"], ["mixed", "Mixed"], ["human", "People"], ["unknown", "Unknown"]] as const;

export function ChangesPage(): ReactNode {
  const { range, query } = useChosen();
  const asked = `limit=${LISTED}&order=incidents${query === "" ? "" : `&${query}`}`;
  const changes = useApi<ChangeReport>(`/api/reports/changes?${asked}`, 60_000, true);
  return (
    <>
      <div className="page-head">
        <div>
          <h1>Changes</h1>
          <p>Every commit with what production says of it: how much it was used, what it broke, and what mending it cost.</p>
        </div>
        <Downloads path="/api/reports/changes" query={asked} />
      </div>
      <Choices range={range} />
      <Load from={changes}>{(report) => <List report={report} />}</Load>
    </>
  );
}

function List({ report }: { readonly report: ChangeReport }): ReactNode {
  const [choices, choose] = useChoices();
  const words = (choices.get("q") ?? "").toLowerCase().split(/\s+/).filter((word) => word !== "");
  const author = choices.get("author") ?? "";
  const sorted = COLUMNS.find((one) => one.key === choices.get("sort"));
  const up = choices.get("up") !== null;
  const matching = report.rows.filter((row) => (author === "" || (row.authorship ?? "unknown") === author) && words.every((word) => textOf(row).includes(word)));
  const rows = sorted === undefined ? matching : matching.toSorted((a, b) => compare(sorted.of(a), sorted.of(b)) * (up ? 1 : -1));
  const some = useSome(rows, "change", "changes");
  if (report.rows.length === 0) {
    return (
      <div className="card">
        <Empty title="No changes of this period">
          <p>
            Choose a longer period, or read a repository's history with <code>npx firstfix backfill</code>. Changes also come by themselves with each deployment.
          </p>
        </Empty>
      </div>
    );
  }
  return (
    <>
      <div className="row spread list-tools">
        <label className="choice grow search">
          <span className="small muted">Search</span>
          <input type="search" value={choices.get("q") ?? ""} placeholder="Subject, commit, author, assistant, team" onChange={(event) => choose({ q: event.target.value }, true)} />
        </label>
        <div className="tabs" role="group" aria-label="Written by">
          {AUTHORS.map(([key, label]) => (
            <button key={key} type="button" aria-pressed={author === key} onClick={() => choose({ author: key })}>
              {label}
            </button>
          ))}
        </div>
      </div>
      <div className="card">
        {rows.length === 0 ? (
          <Empty title="No change matches" />
        ) : (
          <div className="table-scroll">
            <table className="cards changes">
              <thead>
                <tr>
                  {COLUMNS.map((column) => (
                    <th key={column.key} className={column.right === true ? "right" : undefined} aria-sort={sorted !== column ? undefined : up ? "ascending" : "descending"}>
                      <button type="button" className="sort" title={column.title} onClick={() => choose({ sort: column.key, up: sorted === column && !up ? "1" : null })}>
                        {column.label}
                        <span aria-hidden="true">{sorted !== column ? "" : up ? " ↑" : " ↓"}</span>
                      </button>
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {some.shown.map((row) => (
                  <Line key={`${row.repository} ${row.commit}`} row={row} />
                ))}
              </tbody>
            </table>
          </div>
        )}
        {some.button}
        <p className="card-note small muted">
          {plural(rows.length, "change")} of {plural(report.rows.length, "change")} that are here{report.more > 0 && `; ${count(report.more)} more match the period and are not listed: narrow it`}. {sorted === undefined && "Those that broke most come first."}
          {report.notes.map((one) => (
            <span key={one}>
              {" "}
              <Says text={one} />
            </span>
          ))}
        </p>
      </div>
    </>
  );
}

function Line({ row }: { readonly row: ChangeRow }): ReactNode {
  const first = row.deployments[0];
  const services = [...new Set(row.deployments.map((one) => one.service))];
  const ran = first !== undefined;
  // A commit that is known from a ranking only: its size and deployments were not looked up.
  const measured = ran || row.files > 0 || row.incidents.length === 0;
  const cycles = row.incidents.flatMap((one) => one.cycles ?? []);
  const recoveries = row.incidents.flatMap((one) => one.recoveryMs ?? []);
  return (
    <tr>
      <td data-label="Change" className="change-cell">
        <Link href={changePath(row.commit, row.repository)} className="change-link">
          <Revision id={row.commit} /> <Foreign text={row.subject || "(no subject)"} max={160} />
        </Link>
        <div className="muted small">
          <Foreign text={row.authorName} max={60} />, <span title={fullTime(row.committedAt)}>{date(row.committedAt)}</span>
        </div>
      </td>
      <td data-label="Written by" className="author">
        <WrittenBy by={row} />
      </td>
      <td data-label="Lines" className="right nowrap">
        {measured ? (
          <>
            <span className="diff-plus">+{count(row.linesAdded)}</span> <span className="diff-minus">−{count(row.linesDeleted)}</span>
          </>
        ) : (
          <Nothing />
        )}
      </td>
      <td data-label="Deployed">
        {first === undefined ? (
          <span className="muted">{measured ? "not yet" : "not looked up"}</span>
        ) : (
          <>
            <span className="nowrap" title={fullTime(first.deployedAt)}>{date(first.deployedAt)}</span>
            <div className="muted small">
              <Foreign text={services.join(", ") || "unnamed service"} max={60} />
            </div>
          </>
        )}
      </td>
      <td data-label="Served" className={cell(ran)} title={count(row.exposure.entries)}>
        {ran ? compact(row.exposure.entries) : <Nothing />}
      </td>
      <td data-label="Errors" className={cell(row.exposure.errors > 0)}>
        {ran ? count(row.exposure.errors) : <Nothing />}
      </td>
      <td data-label="Violations" className={cell(row.exposure.violations > 0)}>
        {ran ? count(row.exposure.violations) : <Nothing />}
      </td>
      <td data-label="Incidents" className={cell(row.incidents.length > 0)}>
        {row.incidents.length === 0 ? <span className="muted">0</span> : <strong className="bad-count">{row.incidents.length}</strong>}
      </td>
      <td data-label="Cycles" className={cell(row.incidents.length > 0)}>
        {cycles.length > 0 ? cycles.join(", ") : row.incidents.length > 0 ? <span className="muted">open</span> : <Nothing />}
      </td>
      <td data-label="Recovery" className={`nowrap ${cell(recoveries.length > 0)}`}>
        {recoveries.length > 0 ? duration(Math.max(...recoveries)) : <Nothing />}
      </td>
      <td data-label="Redeploys" className={cell(row.incidents.length > 0)}>
        {row.incidents.length === 0 ? <Nothing /> : row.redeploys}
      </td>
    </tr>
  );
}

/** A narrow screen leaves cells out that hold nothing. */
function cell(something: boolean): string {
  return something ? "right" : "right none";
}

function Nothing(): ReactNode {
  return <span className="muted">–</span>;
}

function textOf(row: ChangeRow): string {
  return [row.subject, row.commit, row.authorName, row.agent, row.model, row.repository, ...row.teams, ...row.deployments.map((one) => one.service)].join(" ").toLowerCase();
}

function compare(a: number | string, b: number | string): number {
  return typeof a === "number" && typeof b === "number" ? a - b : -String(a).localeCompare(String(b));
}
