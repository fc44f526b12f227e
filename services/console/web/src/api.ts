import { createContext, useCallback, useContext, useEffect, useRef, useState } from "react";
import type { Problem, StateChanged } from "../../api/src/payload.ts";

/** The two halves of the console share the shapes of what the API answers; nothing else crosses. */
export type * from "../../api/src/payload.ts";

export type LiveState = "connecting" | "live" | "reconnecting";

/** The journal's newest entry that the server told of: whoever shows journal state fetches again when it changes. */
export const LiveContext = createContext<{ readonly state: LiveState; readonly lastEntryId: string }>({ state: "connecting", lastEntryId: "" });

export class ApiError extends Error {
  readonly hint: string;
  readonly status: number;
  constructor(status: number, problem: Problem) {
    super(problem.error);
    this.hint = problem.hint;
    this.status = status;
  }
}

export interface Loaded<T> {
  readonly data: T | null;
  readonly error: ApiError | null;
  reload(): void;
}

/**
 * What the API says under `path`, kept current: fetched again on news of the journal and every `pollMs` while the page
 * is visible. `calm` leaves the news out, for answers that cost the store much and change slowly. Data stays on screen while newer data is on its way, and when the connection is lost.
 */
export function useApi<T>(path: string, pollMs = 15_000, calm = false): Loaded<T> {
  const news = useContext(LiveContext).lastEntryId;
  const lastEntryId = calm ? "" : news;
  const [loaded, setLoaded] = useState<Fetched<T> | null>(null);
  const [turn, setTurn] = useState(0);
  const reload = useCallback(() => setTurn((before) => before + 1), []);

  // Answers may overtake each other; one that was asked for earlier never replaces a later one. None is aborted: with
  // news coming faster than answers, nothing would ever be shown.
  const asked = useRef(0);
  const shown = useRef(0);
  useEffect(() => {
    const turnAsked = ++asked.current;
    const show = (next: (before: Fetched<T> | null) => Fetched<T>): void => {
      if (turnAsked < shown.current) return;
      shown.current = turnAsked;
      setLoaded(next);
    };
    load(path).then(
      (text) => show((before) => (before?.path === path && before.text === text && before.error === null ? before : { path, text, data: JSON.parse(text) as T, error: null })),
      (error: unknown) => {
        const problem = error instanceof ApiError ? error : new ApiError(0, { error: "The console's server does not answer.", hint: "Is it still running? The page tries again by itself." });
        show((before) => ({ path, text: before?.path === path ? before.text : "", data: before?.path === path ? before.data : null, error: problem }));
      },
    );
  }, [path, turn, lastEntryId]);

  useEffect(() => {
    const timer = window.setInterval(() => {
      if (!document.hidden) reload();
    }, pollMs);
    return () => window.clearInterval(timer);
  }, [pollMs, reload]);

  const current = loaded?.path === path ? loaded : null;
  return { data: current?.data ?? null, error: current?.error ?? null, reload };
}

export async function approveProposal(incidentId: string, proposalId: string, by: string): Promise<void> {
  const path = `/api/incidents/${encodeURIComponent(incidentId)}/proposals/${encodeURIComponent(proposalId)}/approve`;
  await post(path, { by });
}

/** Errors of `groups` count as errors of `into` from now on, and in the past. */
export async function mergeGroups(into: string, groups: readonly string[], by: string): Promise<void> {
  await post("/api/groups/merge", { into, groups, by });
}

/** Errors with these fingerprints become a group of their own, whose id is given; a merged group's id undoes its merge. */
export async function splitGroup(group: string, fingerprints: readonly string[], by: string): Promise<string> {
  return ((await post("/api/groups/split", { group, fingerprints, by })) as { readonly groupId: string }).groupId;
}

async function post(path: string, body: object): Promise<unknown> {
  const response = await fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  if (!response.ok) throw await problemOf(response);
  return response.json();
}

/** Listens to /api/events for as long as the application stands. The browser connects again by itself. */
export function useLive(): { state: LiveState; lastEntryId: string } {
  const [state, setState] = useState<LiveState>("connecting");
  const [lastEntryId, setLast] = useState("");
  const source = useRef<EventSource | null>(null);
  useEffect(() => {
    let retry: number | undefined;
    const connect = (): void => {
      const stream = new EventSource("/api/events");
      source.current = stream;
      stream.addEventListener("open", () => setState("live"));
      stream.addEventListener("state", (event: MessageEvent<string>) => setLast((JSON.parse(event.data) as StateChanged).lastEntryId));
      stream.addEventListener("error", () => {
        setState("reconnecting");
        // A refused stream is closed for good; one that broke reconnects by itself.
        if (stream.readyState === EventSource.CLOSED) retry = window.setTimeout(connect, 3000);
      });
    };
    connect();
    return () => {
      window.clearTimeout(retry);
      source.current?.close();
    };
  }, []);
  return { state, lastEntryId };
}

interface Fetched<T> {
  readonly path: string;
  readonly text: string;
  readonly data: T | null;
  readonly error: ApiError | null;
}

async function load(path: string): Promise<string> {
  const response = await fetch(path, { headers: { accept: "application/json" } });
  if (!response.ok) throw await problemOf(response);
  return response.text();
}

async function problemOf(response: Response): Promise<ApiError> {
  const problem = (await response.json().catch(() => null)) as Problem | null;
  return new ApiError(response.status, problem ?? { error: `The server answered ${response.status}.`, hint: "Try again." });
}
