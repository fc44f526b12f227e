import { useState, type ReactNode } from "react";
import { mergeGroups, splitGroup, useApi, type GroupDetail } from "../api.ts";
import { plural } from "../format.ts";
import { incidentPath, Link } from "../router.tsx";
import { Ago, Foreign, Load } from "./common.tsx";
import { Fold } from "./fold.tsx";
import { ConfirmDialog } from "./confirm-dialog.tsx";
import { MergeSearch } from "./merge-search.tsx";
import { SplitOff } from "./split-off.tsx";

type Asked = { readonly what: "split"; readonly fingerprints: readonly string[] } | { readonly what: "unmerge" | "merge"; readonly group: string; readonly title: string };

/** What an error group holds, and merging and splitting it by hand. Asked for only when opened: few readers need it. */
export function GroupPart({ groupId }: { readonly groupId: string }): ReactNode {
  return (
    <Fold title={<h3>Error group</h3>} says="what counts as this error; merge or split it">
      <Loaded groupId={groupId} />
    </Fold>
  );
}

function Loaded({ groupId }: { readonly groupId: string }): ReactNode {
  const loaded = useApi<GroupDetail>(`/api/groups/${encodeURIComponent(groupId)}`, 30_000);
  if (loaded.error?.status === 404) return <p className="small muted">No error of this group is stored any more.</p>;
  return <Load from={loaded}>{(group) => <Group group={group} reload={() => loaded.reload()} />}</Load>;
}

function Group({ group, reload }: { readonly group: GroupDetail; readonly reload: () => void }): ReactNode {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [asked, setAsked] = useState<Asked | null>(null);
  const [splitOff, setSplitOff] = useState<string | null>(null);
  const splittable = group.fingerprints.filter((one) => one.fingerprint !== "");
  const picked = splittable.filter((one) => chosen.has(one.fingerprint)).map((one) => one.fingerprint);
  const toggle = (fingerprint: string): void => setChosen((before) => (before.has(fingerprint) ? new Set([...before].filter((one) => one !== fingerprint)) : new Set([...before, fingerprint])));
  return (
    <div className="stack group">
      <p className="small muted">Firstfix grouped these errors by their stacks and messages. Where it is wrong, put it right here: it is remembered, and counts for the past as well.</p>
      <div>
        <h4 className="label">In this group</h4>
        <ul className="group-list">
          {group.fingerprints.map((one) => (
            <li key={one.fingerprint}>
              <label>
                <input type="checkbox" disabled={one.fingerprint === "" || group.fingerprints.length < 2} checked={chosen.has(one.fingerprint)} onChange={() => toggle(one.fingerprint)} />
                <span className="stack tight">
                  <Foreign text={one.title || "Errors from before fingerprints were kept"} max={200} />
                  {one.fingerprint !== "" && <code className="small muted">{one.fingerprint}</code>}
                  {one.frames.length > 0 && (
                    <code className="small muted">
                      <Foreign text={one.frames.slice(0, 3).join(" ← ")} max={200} />
                    </code>
                  )}
                </span>
                <span className="small muted group-count">
                  <span className="num">{plural(one.count, "error")}</span>, last <Ago at={one.lastSeen} />
                </span>
              </label>
            </li>
          ))}
        </ul>
        {splittable.length > 1 && (
          <div className="row">
            <button type="button" className="button" disabled={picked.length === 0 || picked.length === group.fingerprints.length} onClick={() => setAsked({ what: "split", fingerprints: picked })}>
              Split off{picked.length > 0 ? ` ${picked.length}` : ""}…
            </button>
            {picked.length === 0 && <span className="small muted">Tick the errors that are another problem.</span>}
            {picked.length === group.fingerprints.length && <span className="small muted">One must stay: a group is never empty.</span>}
          </div>
        )}
      </div>
      {splitOff !== null && <SplitOff key={splitOff} groupId={splitOff} />}
      {group.merged.length > 0 && (
        <div>
          <h4 className="label">Merged into it by hand</h4>
          <ul className="group-list">
            {group.merged.map((one) => (
              <li key={one} className="row spread">
                <code>{one}</code>
                <button type="button" className="button tiny" onClick={() => setAsked({ what: "unmerge", group: one, title: one })}>
                  Undo the merge…
                </button>
              </li>
            ))}
          </ul>
        </div>
      )}
      <div>
        <h4 className="label">Similar groups</h4>
        {group.similar.length === 0 ? (
          <p className="small muted">None looks like this one to Firstfix.</p>
        ) : (
          <ul className="group-list">
            {group.similar.map((one) => (
              <li key={one.groupId} className="row spread">
                <span className="grow">
                  {one.incidentId === null ? <Foreign text={one.title} max={200} /> : <Link href={incidentPath(one.incidentId)}><Foreign text={one.title} max={200} /></Link>} <span className="small muted num">{plural(one.count, "error")}</span>
                </span>
                <button type="button" className="button tiny" onClick={() => setAsked({ what: "merge", group: one.groupId, title: one.title })}>
                  Merge into this…
                </button>
              </li>
            ))}
          </ul>
        )}
        <MergeSearch groupId={group.groupId} merge={(one) => setAsked({ what: "merge", group: one.groupId, title: one.title })} />
      </div>
      {asked !== null && <Ask asked={asked} group={group} close={() => setAsked(null)} reload={() => (setChosen(new Set()), reload())} split={setSplitOff} />}
    </div>
  );
}

interface AskProps {
  readonly asked: Asked;
  readonly group: GroupDetail;
  readonly close: () => void;
  readonly reload: () => void;
  readonly split: (groupId: string) => void;
}

function Ask({ asked, group, close, reload, split }: AskProps): ReactNode {
  if (asked.what === "split") {
    return (
      <ConfirmDialog title="Split these errors off?" verb="Split" busyVerb="Splitting…" placeholder="Who splits them off" act={async (by) => split(await splitGroup(group.groupId, asked.fingerprints, by))} close={close} reload={reload}>
        <p>{asked.fingerprints.length === 1 ? "One kind of error leaves this group and becomes" : `${asked.fingerprints.length} kinds of error leave this group and become`} a group of their own, the errors already stored included. This incident goes on with the rest.</p>
      </ConfirmDialog>
    );
  }
  const merging = asked.what === "merge";
  return (
    <ConfirmDialog title={merging ? "Merge this group?" : "Undo this merge?"} verb={merging ? "Merge" : "Undo"} busyVerb={merging ? "Merging…" : "Undoing…"} placeholder="Who decides this" act={async (by) => void (await (merging ? mergeGroups(group.groupId, [asked.group], by) : splitGroup(group.groupId, [asked.group], by)))} close={close} reload={reload}>
      <p>
        <strong>
          <Foreign text={asked.title} max={200} />
        </strong>
      </p>
      <p className="muted">{merging ? "Its errors, those already stored included, count for this incident from now on. An open incident of its own is closed as merged. The merge can be undone." : "Its errors become a group of their own again."}</p>
    </ConfirmDialog>
  );
}
