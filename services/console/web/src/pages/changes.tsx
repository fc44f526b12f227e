import { useEffect, useRef, useState, type ReactNode } from "react";
import { useApi, type ChangeReport, type Loaded } from "../api.ts";
import { count, plural } from "../format.ts";
import { ChangeLine } from "../parts/change-line.tsx";
import { Empty, Load, Says } from "../parts/common.tsx";
import { Pager, type Step } from "../parts/pager.tsx";
import { SearchBox } from "../parts/search-box.tsx";
import { Choices, Downloads, useChosen } from "../report/choices.tsx";
import { useChoices } from "../router.tsx";

const PAGE_ROWS = 50;
/** As many as the API gives at once. */
const FILE_ROWS = 1000;
const SEARCH_CHARACTERS = 200;

interface Column {
  /** As the API names the order. */
  readonly key: string;
  readonly label: string;
  readonly title: string;
  /** A class for its width; numbers stand at the right. */
  readonly width: string;
  readonly right?: boolean;
}

/** Columns in order; each can be sorted by. Numbers begin with the largest, authors with A. */
const COLUMNS: readonly Column[] = [
  { key: "newest", label: "Change", title: "Sort by the time of the commit", width: "wide" },
  { key: "author", label: "Written by", title: "Sort by who wrote it", width: "author" },
  { key: "lines", label: "Lines", title: "Lines added and deleted", width: "lines", right: true },
  { key: "deployed", label: "Deployed", title: "When and where it was deployed first", width: "lines" },
  { key: "served", label: "Served", title: "Requests and messages served by the revisions that brought it", width: "count", right: true },
  { key: "errors", label: "Errors", title: "Spans with error at those revisions, whichever of their commits caused them", width: "errors", right: true },
  { key: "violations", label: "Violations", title: "Violated evaluations of requirements at those revisions, whichever of their commits caused them", width: "violations", right: true },
  { key: "incidents", label: "Incidents", title: "Incidents that blame it", width: "time", right: true },
  { key: "cycles", label: "Cycles", title: "Redeploys that it took until the incident held", width: "count", right: true },
  { key: "recovery", label: "Recovery", title: "From the opening of the incident until production had confirmed the fix", width: "time", right: true },
  { key: "redeploys", label: "Redeploys", title: "All redeploys that claimed to mend it", width: "redeploys", right: true },
];

const AUTHORS = [["", "Everybody"], ["ai", "Assistants"], ["mixed", "Mixed"], ["human", "People"], ["unknown", "Unknown"]] as const;

interface Sought {
  readonly page: number;
  readonly sorted: Column | undefined;
  readonly up: boolean;
  readonly author: string;
  /** Whether something is searched for or left out. */
  readonly narrowed: boolean;
  /** Part of an address of the API, without the page. */
  readonly query: string;
}

function useSought(): Sought {
  const [choices] = useChoices();
  const chosen = useChosen();
  const query = new URLSearchParams(chosen.query);
  const q = choices.get("q") ?? "";
  const author = AUTHORS.find(([key]) => key === choices.get("author"))?.[0] ?? "";
  const sorted = COLUMNS.find((one) => one.key === choices.get("sort"));
  const up = choices.get("up") !== null;
  if (q.trim() !== "") query.set("q", q);
  if (author !== "") query.set("author", author);
  query.set("order", sorted?.key ?? "incidents");
  if (up) query.set("reverse", "true");
  const page = /^[1-9]\d{0,3}$/.test(choices.get("page") ?? "") ? Number(choices.get("page")) : 1;
  return { page: Math.min(page, 4000), sorted, up, author, narrowed: q.trim() !== "" || author !== "", query: query.toString() };
}

export function ChangesPage(): ReactNode {
  const { range } = useChosen();
  const sought = useSought();
  const { loaded, page, waiting } = useKept(useApi<ChangeReport>(`/api/reports/changes?limit=${PAGE_ROWS}&offset=${(sought.page - 1) * PAGE_ROWS}&${sought.query}`, 60_000, true), sought.page);
  return (
    <>
      <div className="page-head">
        <div>
          <h1>Changes</h1>
          <p>Every commit with what production says of it: how much it was used, what it broke, and what mending it cost.</p>
        </div>
        <Downloads path="/api/reports/changes" query={`limit=${FILE_ROWS}&${sought.query}`} />
      </div>
      <Choices range={range} />
      <Tools author={sought.author} />
      <Load from={loaded}>{(report) => <List report={report} page={page} sought={sought} waiting={waiting} />}</Load>
    </>
  );
}

function Tools({ author }: { readonly author: string }): ReactNode {
  const [, choose] = useChoices();
  return (
    <div className="row spread list-tools">
      <SearchBox label="Search" placeholder="Commit, subject, author, assistant, team" charactersMax={SEARCH_CHARACTERS} />
      <div className="tabs" role="group" aria-label="Written by">
        {AUTHORS.map(([key, label]) => (
          <button key={key} type="button" aria-pressed={author === key} onClick={() => choose({ author: key, page: null })}>
            {label}
          </button>
        ))}
      </div>
    </div>
  );
}

interface ListProps {
  readonly report: ChangeReport;
  /** The page that the report holds, which is not the one asked for while that is on its way. */
  readonly page: number;
  readonly sought: Sought;
  readonly waiting: boolean;
}

function List({ report, page, sought, waiting }: ListProps): ReactNode {
  const [, choose] = useChoices();
  const top = useRef<HTMLDivElement>(null);
  const { rows, matching, all } = report;
  const { sorted, up } = sought;
  const pages = Math.ceil(matching / PAGE_ROWS);
  // Another period or place may have fewer pages than the one that the address names.
  const beyond = !waiting && page > 1 && rows.length === 0;
  useEffect(() => {
    if (beyond) choose({ page: null }, true);
  }, [beyond, choose]);
  if (all === 0) {
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
  const go = (to: number): void => choose({ page: to === 1 ? null : String(to) });
  const goUp = (to: number, step: Step): void => {
    go(to);
    top.current?.scrollIntoView({ block: "start" });
    top.current?.querySelector<HTMLElement>(`[data-step=${step}]`)?.focus({ preventScroll: true });
  };
  return (
    <div className="card change-list" ref={top} aria-busy={waiting}>
      <div className="card-note row spread list-head">
        <p className="small" role="status">
          <strong>{range(report, page)}</strong>
          {sought.narrowed && ` that ${matching === 1 ? "matches" : "match"}, of ${count(all)} of this period`}
          {sorted === undefined && <span className="muted">. Those that broke most come first.</span>}
        </p>
        <Pager page={page} pages={pages} label="Pages of the list" go={go} />
      </div>
      {matching === 0 ? (
        <Empty title="No change matches">
          <p>
            {plural(all, "change")} of this period: try fewer words, the beginning of a commit's id, or a longer period.
          </p>
        </Empty>
      ) : (
        <>
          <p className="card-note small shared-note">
            <strong>No blame:</strong> errors and violations are of the whole revision that brought a commit. Where several commits came with it, all of them show the same figures, as “shared by”. What is blamed for something stands under Incidents.
          </p>
          <p className="card-note small muted sideways">More columns stand to the right: scroll the table sideways →</p>
          <div className="table-scroll edges" tabIndex={0} role="region" aria-label="Table of changes">
            <Table report={report} sorted={sorted} up={up} />
          </div>
        </>
      )}
      <div className="card-note stack">
        <Pager page={page} pages={pages} label="Pages of the list, at its end" go={goUp} />
        {(matching > FILE_ROWS || report.notes.length > 0) && (
          <p className="small muted">
            {matching > FILE_ROWS && `Files hold the first ${count(FILE_ROWS)} in this order. `}
            {report.notes.map((one) => (
              <span key={one}>
                <Says text={one} />{" "}
              </span>
            ))}
          </p>
        )}
      </div>
    </div>
  );
}

function Table({ report, sorted, up }: { readonly report: ChangeReport; readonly sorted: Column | undefined; readonly up: boolean }): ReactNode {
  const [, choose] = useChoices();
  return (
    <table className="cards changes">
      <colgroup>
        {COLUMNS.map((column) => (
          <col key={column.key} className={`col-${column.width}`} />
        ))}
      </colgroup>
      <thead>
        <tr>
          {COLUMNS.map((column) => {
            const rising = (column.key === "author") !== up;
            return (
              <th key={column.key} className={column.right === true ? "right" : undefined} aria-sort={sorted !== column ? undefined : rising ? "ascending" : "descending"}>
                <button type="button" className="sort" title={column.title} onClick={() => choose({ sort: column.key, up: sorted === column && !up ? "1" : null, page: null })}>
                  {column.label}
                  <span aria-hidden="true">{sorted !== column ? "" : rising ? " ↑" : " ↓"}</span>
                </button>
              </th>
            );
          })}
        </tr>
      </thead>
      <tbody>
        {report.rows.map((row) => (
          <ChangeLine key={`${row.repository} ${row.commit}`} row={row} />
        ))}
      </tbody>
    </table>
  );
}

/** `51–100 of 6,012 changes`. */
function range({ rows, matching }: ChangeReport, page: number): string {
  const from = (page - 1) * PAGE_ROWS;
  return rows.length === matching ? plural(matching, "change") : `${count(from + 1)}–${count(from + rows.length)} of ${plural(matching, "change")}`;
}

/** What was shown last stays, dimmed, while another page or another search is on its way. */
function useKept<T>(loaded: Loaded<T>, page: number): { readonly loaded: Loaded<T>; readonly page: number; readonly waiting: boolean } {
  const [kept, setKept] = useState({ data: loaded.data, page });
  if (loaded.data !== null && loaded.data !== kept.data) setKept({ data: loaded.data, page });
  if (loaded.data !== null) return { loaded, page, waiting: false };
  return { loaded: { ...loaded, data: kept.data }, page: kept.page, waiting: kept.data !== null };
}
