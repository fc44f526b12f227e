import type { ReactNode } from "react";
import type { ChangeRow } from "../api.ts";
import { compact, count, date, duration, fullTime } from "../format.ts";
import { changePath, Link } from "../router.tsx";
import { outOf, sharedBy } from "../shared.ts";
import { Foreign, Revision, WrittenBy } from "./common.tsx";

/** One change in the list of changes. */
export function ChangeLine({ row }: { readonly row: ChangeRow }): ReactNode {
  const first = row.deployments[0];
  const services = [...new Set(row.deployments.map((one) => one.service))];
  const ran = first !== undefined;
  const { entries, errors, evaluations, violations } = row.exposure;
  const shared = sharedBy(row.deployments);
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
      <td data-label="Lines" className="right">
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
            <div className="muted small clamped">
              <Foreign text={services.join(", ") || "unnamed service"} max={60} />
            </div>
          </>
        )}
      </td>
      <td data-label="Served" className={cell(ran)} title={count(entries)}>
        {ran ? compact(entries) : <Nothing />}
      </td>
      <td data-label="Errors" className={cell(errors > 0)}>
        {ran ? count(errors) : <Nothing />}
        {errors > 0 && shared !== null && <div className="muted small">shared by {shared}</div>}
      </td>
      <td data-label="Violations" className={cell(violations > 0)}>
        {ran && evaluations > 0 ? count(violations) : <Nothing />}
        {ran && evaluations > 0 && <div className="muted small">{outOf(evaluations)}</div>}
        {violations > 0 && shared !== null && <div className="muted small">shared by {shared}</div>}
      </td>
      <td data-label="Incidents" className={cell(row.incidents.length > 0)}>
        {row.incidents.length === 0 ? <span className="muted">0</span> : <strong className="bad-count">{row.incidents.length}</strong>}
      </td>
      <td data-label="Cycles" className={cell(row.incidents.length > 0)}>
        {cycles.length > 0 ? cycles.join(", ") : row.incidents.length > 0 ? <span className="muted">open</span> : <Nothing />}
      </td>
      <td data-label="Recovery" className={cell(recoveries.length > 0)}>
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
