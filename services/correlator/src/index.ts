import type { Bus } from "@firstfix/bus";
import { messageOf, type Config, type Logger } from "@firstfix/kit";
import { JournalTail, type Store } from "@firstfix/store";
import { Loop } from "./loop.ts";
import { Repositories } from "./repositories.ts";
import { Specs } from "./requirements/specs.ts";
import type { Room } from "./room.ts";
import { Work } from "./work.ts";

export interface CorrelatorOptions {
  readonly config: Config;
  readonly bus: Bus;
  readonly store: Store;
  readonly log: Logger;
}

export interface Correlator {
  /** Stops after the round in hand. */
  close(): Promise<void>;
  /** Resolves when every batch that had landed is worked, judged and decided upon. */
  idle(): Promise<void>;
}

/**
 * Turns telemetry into incidents with suspects, and judges cycles. One correlator per store: it alone writes errors,
 * violations and the marks of batches. Safe to kill at any moment; started again, it goes on where the store says.
 */
export function startCorrelator({ config, bus, store, log }: CorrelatorOptions): Correlator {
  const tail = new JournalTail(store);
  const repositories = new Repositories(config, () => tail.state.repositories, log);
  const room: Room = { config, bus, store, log, repositories, specs: new Specs(repositories, log), tail };
  const work = new Work(room);
  const loop = new Loop({ bus, log, pollMs: config.correlator.pollMs, round: () => work.round() });
  return {
    idle: () => loop.idle(),
    close: async () => {
      // First, so that no round waits for a fetch.
      await repositories.close();
      await loop.close();
      await work.close();
      await room.tail.close().catch((error: unknown) => log.warn({ error: messageOf(error) }, "the journal's tail did not close cleanly"));
    },
  };
}
