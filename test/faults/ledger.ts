import type { Request, Signal } from "./telemetry.ts";

export const SIGNALS: readonly Signal[] = ["traces", "logs"];

/**
 * The independent counter: what senders have sent, and which of it was acknowledged. Nothing of it comes from the
 * product but the answers themselves.
 */
export class Ledger {
  readonly #sent: Readonly<Record<Signal, Set<string>>> = { traces: new Set(), logs: new Set() };
  readonly #acknowledged: Readonly<Record<Signal, Set<string>>> = { traces: new Set(), logs: new Set() };
  /** Answers other than 2xx, and connections that broke, by what they were. */
  readonly refusals = new Map<string, number>();
  acknowledgedRequests = 0;

  sent(request: Request): void {
    for (const id of request.ids) this.#sent[request.signal].add(id);
  }

  acknowledge(request: Request): void {
    this.acknowledgedRequests += 1;
    for (const id of request.ids) this.#acknowledged[request.signal].add(id);
  }

  refuse(why: string): void {
    this.refusals.set(why, (this.refusals.get(why) ?? 0) + 1);
  }

  get acknowledgedRecords(): number {
    return SIGNALS.reduce((sum, signal) => sum + this.#acknowledged[signal].size, 0);
  }

  get refused(): number {
    return [...this.refusals.values()].reduce((sum, one) => sum + one, 0);
  }

  /** `copies`: how often the store holds each id of a signal. */
  compare(copies: Readonly<Record<Signal, ReadonlyMap<string, number>>>): Comparison {
    const result = { stored: 0, lost: 0, duplicates: 0, strangers: 0 };
    for (const signal of SIGNALS) {
      for (const [id, count] of copies[signal]) {
        result.stored += count;
        result.duplicates += count - 1;
        if (!this.#sent[signal].has(id)) result.strangers += 1;
      }
      for (const id of this.#acknowledged[signal]) if (!copies[signal].has(id)) result.lost += 1;
    }
    return result;
  }
}

export interface Comparison {
  /** Rows, whether acknowledged or not. */
  readonly stored: number;
  /** Acknowledged and not there. */
  readonly lost: number;
  /** Rows beyond the first of their id, acknowledged or not. */
  readonly duplicates: number;
  /** Ids that nobody has sent. */
  readonly strangers: number;
}
