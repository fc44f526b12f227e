import { useEffect, useId, useState, type ReactNode } from "react";
import { useApi, type MergeTarget, type MergeTargets } from "../api.ts";
import { plural } from "../format.ts";
import { incidentPath, Link } from "../router.tsx";
import { Foreign } from "./common.tsx";

/** So long nothing is typed before it is looked for. */
const QUIET_MS = 250;
const CHARACTERS_MAX = 200;

interface MergeSearchProps {
  readonly groupId: string;
  readonly merge: (target: MergeTarget) => void;
}

/** Finds an open incident or a group to merge that Firstfix sees no likeness to: a person may know better. */
export function MergeSearch({ groupId, merge }: MergeSearchProps): ReactNode {
  const [text, setText] = useState("");
  const [asked, setAsked] = useState("");
  const hint = useId();
  useEffect(() => {
    const timer = window.setTimeout(() => setAsked(text.trim()), QUIET_MS);
    return () => window.clearTimeout(timer);
  }, [text]);
  return (
    <div className="stack merge-search">
      <label className="field">
        <span className="label">Another incident or group</span>
        <input type="search" value={text} maxLength={CHARACTERS_MAX} onChange={(event) => setText(event.target.value)} aria-describedby={hint} autoComplete="off" spellCheck={false} />
      </label>
      <p className="small muted" id={hint}>
        Words of an open incident's title or its service, or the id of an incident or group.
      </p>
      <div aria-live="polite">{asked !== "" && <Found groupId={groupId} query={asked} merge={merge} />}</div>
    </div>
  );
}

function Found({ groupId, query, merge }: MergeSearchProps & { readonly query: string }): ReactNode {
  const { data, error } = useApi<MergeTargets>(`/api/groups?${new URLSearchParams({ for: groupId, q: query }).toString()}`, 60_000);
  if (error !== null) return <p className="small">{error.message}</p>;
  if (data === null) return <p className="small muted">Looking…</p>;
  if (data.targets.length === 0) return <p className="small muted">No other open incident holds these words, and no group has this id.</p>;
  return (
    <>
      <p className="small muted">{data.more > 0 ? `${data.targets.length} of ${data.targets.length + data.more} incidents; more words find fewer.` : `${plural(data.targets.length, "incident")} found.`}</p>
      <ul className="group-list">
        {data.targets.map((one) => (
          <li key={one.groupId} className="row spread">
            <span className="grow stack tight">
              {one.incidentId === null ? <Foreign text={one.title} max={200} /> : <Link href={incidentPath(one.incidentId)}><Foreign text={one.title} max={200} /></Link>}
              <span className="small muted">
                {one.service !== "" && (
                  <>
                    <Foreign text={one.service} max={60} /> in <Foreign text={one.environment || "no environment"} max={40} />,{" "}
                  </>
                )}
                <code>{one.incidentId ?? one.groupId}</code>
              </span>
            </span>
            <button type="button" className="button tiny" aria-label={`Merge into this: ${one.title.slice(0, 120)}`} onClick={() => merge(one)}>
              Merge into this…
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
