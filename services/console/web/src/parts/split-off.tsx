import type { ReactNode } from "react";
import { useApi, type GroupDetail } from "../api.ts";
import { incidentPath, Link } from "../router.tsx";

/** Younger errors get an incident of their own at once, older ones with the next of their kind. */
const AT_ONCE_MS = 24 * 3600_000;

/** What became of what was just split off: its incident, or why there is none yet. */
export function SplitOff({ groupId }: { readonly groupId: string }): ReactNode {
  const { data } = useApi<GroupDetail>(`/api/groups/${encodeURIComponent(groupId)}`, 3_000);
  const last = Math.max(0, ...(data?.fingerprints ?? []).map((one) => one.lastSeen));
  return (
    <p className="notice small" role="status">
      <strong>Split off</strong> as <code>{groupId}</code>.{" "}
      {data === null || (data.incidentId === null && Date.now() - last < AT_ONCE_MS) ? (
        "Its own incident opens in a moment, where this environment is judged…"
      ) : data.incidentId === null ? (
        "Its last error is more than a day old: its incident opens with the next one."
      ) : (
        <Link href={incidentPath(data.incidentId)}>To its own incident</Link>
      )}
    </p>
  );
}
