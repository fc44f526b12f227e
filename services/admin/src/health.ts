import { FirstfixError, messageOf } from "@firstfix/kit";

/** How a part of this process stands. `waiting`: something that it needs is away, and it is tried again. */
export type PartState = "ok" | "starting" | "waiting" | "failed" | "stopping";

export interface PartReport {
  readonly part: string;
  readonly state: PartState;
  readonly reason?: string;
  readonly hint?: string;
}

export interface HealthReport {
  readonly ready: boolean;
  readonly parts: readonly PartReport[];
}

/** A check that takes longer counts as failed: a probe wants an answer, and a hanging broker is no ready one. */
export const CHECK_MS = 2000;
/** Probes that come within this time get the same answer, so that nobody can load a broker through them. */
const FRESH_MS = 1000;

/**
 * What this process consists of and whether each part can work. A part is announced before it is started, so that a
 * process that waits for its broker says so.
 */
export class Health {
  readonly #parts = new Map<string, PartReport>();
  readonly #checks = new Map<string, () => Promise<void>>();
  readonly #advice = new Map<string, () => Promise<void>>();
  #last: { readonly at: number; readonly report: Promise<HealthReport> } | null = null;

  set(part: string, state: PartState, error?: unknown): void {
    this.#parts.set(part, { part, state, ...(error === undefined ? {} : reasonOf(error)) });
    this.#last = null;
  }

  /** From now on the part is as its check says: ok when it resolves, failed with the reason when it throws. */
  watch(part: string, check: () => Promise<void>): void {
    this.set(part, "ok");
    this.#checks.set(part, check);
  }

  /** Named as waiting, with the reason, for as long as its check throws; the process is ready all the same. */
  advise(part: string, check: () => Promise<void>): void {
    this.#advice.set(part, check);
  }

  /** Everything is being stopped: no part is ready any more. */
  stop(): void {
    this.#checks.clear();
    this.#advice.clear();
    for (const part of this.#parts.keys()) this.set(part, "stopping");
  }

  report(): Promise<HealthReport> {
    const now = Date.now();
    if (this.#last === null || now - this.#last.at > FRESH_MS) this.#last = { at: now, report: this.#look() };
    return this.#last.report;
  }

  async #look(): Promise<HealthReport> {
    const parts = await Promise.all(
      [...this.#parts.values()].map(async (known): Promise<PartReport> => {
        const check = this.#checks.get(known.part);
        if (check === undefined) return known;
        try {
          await within(CHECK_MS, check());
          return { part: known.part, state: "ok" };
        } catch (error) {
          return { part: known.part, state: "failed", ...reasonOf(error) };
        }
      }),
    );
    const ready = parts.length > 0 && parts.every(({ state }) => state === "ok");
    const advice = await Promise.all(
      [...this.#advice].map(async ([part, check]): Promise<PartReport[]> => {
        try {
          await within(CHECK_MS, check());
          return [];
        } catch (error) {
          return [{ part, state: "waiting", ...reasonOf(error) }];
        }
      }),
    );
    return { ready, parts: [...parts, ...advice.flat()] };
  }
}

/** The outcome of `work`, or an error after `ms`; what `work` does later is ignored. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms / 1000} s`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function reasonOf(error: unknown): { readonly reason: string; readonly hint?: string } {
  const reason = messageOf(error).split("\n", 1)[0]?.slice(0, 500) ?? "";
  return error instanceof FirstfixError && error.hint !== undefined ? { reason, hint: error.hint } : { reason };
}
