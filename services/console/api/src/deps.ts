import type { Bus } from "@firstfix/bus";
import type { JournalState } from "@firstfix/incident";
import type { Logger } from "@firstfix/kit";
import type { Store } from "@firstfix/store";

/** What the console's handlers need. Nothing here knows of a port, so that tests call the app without one. */
export interface ConsoleDeps {
  readonly store: Store;
  readonly journal: JournalView;
  readonly bus: Pick<Bus, "hint">;
  readonly log: Logger;
  /** Folder of the built web pages. */
  readonly webRoot: string;
  /** Address that the server listens on; on a loopback address, requests for other host names are refused. */
  readonly host: string;
}

/** The journal's folded state as it is now, and a call when it changes. */
export interface JournalView {
  readonly state: JournalState;
  /** Reads what was written up to now. */
  refresh(): Promise<unknown>;
  /** Returns how to stop listening. */
  onChange(listener: () => void): () => void;
}

export const CONSOLE_LIMITS = {
  traceSpans: 2000,
  spansFound: 50,
  attributeCharacters: 64 * 1024,
  historyEntries: 500,
  exposurePoints: 240,
  servicesListed: 200,
  incidentsListed: 1000,
  deploymentsListed: 200,
  requestBytes: 4096,
  nameCharacters: 80,
  eventStreams: 64,
  heartbeatMs: 15_000,
} as const;
