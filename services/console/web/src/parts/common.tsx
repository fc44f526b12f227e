import type { AuthorshipRecord, IncidentStatus } from "@firstfix/incident";
import { useEffect, useState, type ReactNode } from "react";
import type { ApiError, Blamed, ChangeRow, Loaded } from "../api.ts";
import { ago, fullTime, percent, short, time } from "../format.ts";
import { incidentPath, Link } from "../router.tsx";

/** What each status is called on screen, and its colour. Colour never stands alone. */
export const STATUS: Readonly<Record<IncidentStatus, { readonly label: string; readonly tone: string; readonly working?: boolean }>> = {
  open: { label: "Open", tone: "red" },
  fixing: { label: "Looking for a fix", tone: "amber", working: true },
  proposed: { label: "Needs approval", tone: "blue" },
  approved: { label: "Approved", tone: "blue", working: true },
  committed: { label: "Awaits deploy", tone: "blue" },
  verifying: { label: "Verifying", tone: "amber", working: true },
  closed: { label: "Closed", tone: "green" },
};

/** `ready`: a verified proposal stands, though more are looked for. `merged`: closed, but not solved. */
export function StatusPill({ status: given, ready = false, merged = false }: { readonly status: IncidentStatus | (string & {}); readonly ready?: boolean; readonly merged?: boolean }): ReactNode {
  if (merged) return <span className="pill">Merged</span>;
  const status = Object.hasOwn(STATUS, given) ? (given as IncidentStatus) : "open";
  const { label, tone, working } = ready && status === "fixing" ? { ...STATUS.proposed, working: true } : STATUS[status];
  return <span className={`pill ${tone}${working === true ? " working" : ""}`}>{label}</span>;
}

export function KindTag({ kind }: { readonly kind: "error" | "violation" }): ReactNode {
  return <span className="tag">{kind === "error" ? "Error" : "Violated requirement"}</span>;
}

const AUTHORS = { ai: "Assistant", human: "Person", mixed: "Mixed", unknown: "Author unknown" } as const;

const NAME_CHARACTERS_MAX = 60;

/** Who wrote something, with how sure that is. Unknown is not a person. */
export function AuthorTag({ by, confidence = true }: { readonly by: Pick<Blamed | AuthorshipRecord, "authorship" | "agent" | "model" | "confidence">; readonly confidence?: boolean }): ReactNode {
  const tone = by.authorship === "ai" || by.authorship === "mixed" ? "ai" : by.authorship === "human" ? "person" : "";
  const name = by.agent === "" ? AUTHORS[by.authorship] : by.authorship === "mixed" ? `${by.agent} · mixed` : by.agent;
  const sure = by.authorship === "unknown" ? "There is no evidence of who wrote it" : `${percent(by.confidence)} sure, by the evidence in the repository`;
  return (
    <span className={`tag ${tone}`} title={sure}>
      {/* One child, so that the tag's own layout does not set the name and how sure it is apart. */}
      <span>
        <bdi>{[name, by.model].filter((one) => one !== "").map((one) => one.slice(0, NAME_CHARACTERS_MAX)).join(" · ")}</bdi>
        {confidence && by.authorship !== "unknown" && ` · ${percent(by.confidence)} sure`}
      </span>
    </span>
  );
}

/** The author of a commit in a list: also where nobody looked for one, and where the evidence disagrees. */
export function WrittenBy({ by }: { readonly by: Pick<ChangeRow, "authorship" | "agent" | "model" | "confidence" | "conflict"> }): ReactNode {
  if (by.authorship === null) return <span className="muted">not looked up</span>;
  return (
    <span className="row written-by">
      <AuthorTag by={{ ...by, authorship: by.authorship }} />
      {by.conflict && (
        <span className="tag conflict" title="Weaker evidence says something else than the evidence that decided">
          evidence disagrees
        </span>
      )}
    </span>
  );
}

export function Revision({ id }: { readonly id: string }): ReactNode {
  if (id === "") return <span className="muted">no revision</span>;
  return <code title={id}>{short(id)}</code>;
}

/** A time as `3 min ago`, kept true, with the whole time at hand. */
export function Ago({ at }: { readonly at: number }): ReactNode {
  const now = useNow();
  return (
    <time dateTime={new Date(at).toISOString()} title={fullTime(at)} className="nowrap">
      {ago(now - at)}
    </time>
  );
}

export function Time({ at }: { readonly at: number }): ReactNode {
  return (
    <time dateTime={new Date(at).toISOString()} title={fullTime(at)} className="nowrap num">
      {time(at)}
    </time>
  );
}

/** The present, every second. */
export function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), 1000);
    return () => window.clearInterval(timer);
  }, []);
  return now;
}

/** Text of strangers, isolated so that its writing direction ends where it ends, and cut where it is too long. */
export function Foreign({ text, max = 400 }: { readonly text: string; readonly max?: number }): ReactNode {
  return <bdi>{text.length > max ? `${text.slice(0, max)}…` : text}</bdi>;
}

/** A sentence of Firstfix about foreign code: what stands in `backticks` is code. */
export function Says({ text, max = 600 }: { readonly text: string; readonly max?: number }): ReactNode {
  const shown = text.length > max ? `${text.slice(0, max)}…` : text;
  return <bdi>{shown.split(/`([^`]+)`/).map((piece, index) => (index % 2 === 0 ? piece : <code key={index}>{piece}</code>))}</bdi>;
}

/** Incidents named in a table, each with where it stands. */
export function RefList({ refs }: { readonly refs: readonly { readonly incidentId: string; readonly title: string; readonly pill: ReactNode }[] }): ReactNode {
  if (refs.length === 0) return <span className="muted">none</span>;
  return (
    <ul className="refs">
      {refs.map((one) => (
        <li key={one.incidentId}>
          {one.pill}
          <Link href={incidentPath(one.incidentId)} className="two-lines" title={one.title.slice(0, 400)}>
            <Foreign text={one.title} max={160} />
          </Link>
        </li>
      ))}
    </ul>
  );
}

export function CopyButton({ text, label = "Copy" }: { readonly text: string; readonly label?: string }): ReactNode {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = window.setTimeout(() => setCopied(false), 1600);
    return () => window.clearTimeout(timer);
  }, [copied]);
  return (
    <button type="button" className="button tiny" onClick={() => void navigator.clipboard.writeText(text).then(() => setCopied(true), () => {})}>
      {copied ? "Copied" : label}
    </button>
  );
}

/** A command to run, with a button that copies it. */
export function Command({ text }: { readonly text: string }): ReactNode {
  return (
    <div className="command">
      <code>{text}</code>
      <CopyButton text={text} />
    </div>
  );
}

/** What is shown while there is nothing to show yet, or when it could not be fetched. */
export function Load<T>({ from, children }: { readonly from: Loaded<T>; readonly children: (data: T) => ReactNode }): ReactNode {
  if (from.data === null && from.error === null) {
    return (
      <div className="card skeleton" role="status" aria-label="Loading">
        <i />
        <i />
        <i />
      </div>
    );
  }
  return (
    <>
      {from.error !== null && <Failure error={from.error} retry={() => from.reload()} stale={from.data !== null} />}
      {from.data !== null && children(from.data)}
    </>
  );
}

function Failure({ error, retry, stale }: { readonly error: ApiError; readonly retry: () => void; readonly stale: boolean }): ReactNode {
  return (
    <div className="notice error row spread" role="alert">
      <div>
        <strong>{error.message}</strong> <span className="muted">{error.hint}</span>
        {stale && <span className="muted"> What is shown below is the last that was known.</span>}
      </div>
      <button type="button" className="button" onClick={retry}>
        Try again
      </button>
    </div>
  );
}

export function Empty({ title, children }: { readonly title: string; readonly children?: ReactNode }): ReactNode {
  return (
    <div className="empty">
      <strong>{title}</strong>
      {children}
    </div>
  );
}
