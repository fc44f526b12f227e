/**
 * What the runner inside the sandbox is told (plan.json, in a folder that it can only read) and what it writes to `out`:
 *   NNNNN.SIGNAL.FORM      one OTLP request as it was received, decompressed: SIGNAL is traces or logs, FORM pb or json
 *   results.json           RunResults; rewritten after every phase, and last with `done`
 * The host may create a file `stop` beside plan.json to end the run early. Files appear whole (written aside, then renamed).
 */
export interface RunPlan {
  /** Shell command that starts the service. */
  readonly start: string;
  readonly ready: string;
  readonly cwd: string;
  readonly out: string;
  /** Where a file named `stop` ends the run early; the run can only read it. */
  readonly control: string;
  /** Environment of the service; the runner adds PORT and the receiver's address. */
  readonly env: Readonly<Record<string, string>>;
  /** Requests of a phase are sent in order; the next phase begins when the spans of the last have come. */
  readonly phases: readonly (readonly PlannedRequest[])[];
  readonly readyMs: number;
  readonly requestMs: number;
  readonly responseBytes: number;
  readonly spansWaitMs: number;
  readonly quietMs: number;
  /** Once all is sent, how long to wait for the host's `stop` before ending: the longest `within` and a margin. */
  readonly lingerMs: number;
  /** Let the service end by itself even when asked to stop, so that it can write its compiled code. */
  readonly graceful: boolean;
  readonly otlpFiles: number;
  readonly otlpFileBytes: number;
}

export interface PlannedRequest {
  readonly id: string;
  /** 32 hex digits: the trace that the request belongs to. */
  readonly traceId: string;
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Base64, null for none. */
  readonly body: string | null;
}

export interface RunResults {
  readonly ready: boolean;
  /** Phases whose requests are answered and whose spans have come. */
  readonly phases: number;
  readonly responses: readonly RunResponse[];
  /** How the service ended, null while it runs. */
  readonly exited: string | null;
  readonly log: string;
  readonly done: boolean;
}

export interface RunResponse {
  readonly id: string;
  /** 0 when there was no answer; then `body` says why. */
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly ms: number;
}
