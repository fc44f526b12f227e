import { hash } from "node:crypto";
import { TOPICS, WALKED_HEADER, type Bus } from "@firstfix/bus";
import { messageOf, type Config, type Logger } from "@firstfix/kit";
import { walkLimits, walkRequest, type Signal } from "@firstfix/otlp";
import type { Registry } from "prom-client";
import { BOUNDS } from "./bounds.ts";
import { Budget, type Share } from "./budget.ts";
import { createDecompressor, type Decompressor } from "./decompress.ts";
import { createKeyring, type Sender } from "./keys.ts";
import { createCounters, type Transport } from "./metrics.ts";
import { refusalOf, type Refusal } from "./refusal.ts";

export interface IngestDependencies {
  readonly config: Config["ingest"];
  readonly bus: Bus;
  readonly log: Logger;
  /** Where this service counts; without it nobody reads the counters. */
  readonly metrics?: Registry;
}

/** A request as its protocol hands it over, before its body was read. */
export interface Arrival {
  readonly transport: Transport;
  readonly signal: Signal;
  /** The key that came with it. */
  readonly presented: string | undefined;
  /** Reads the request whole, as protobuf; every byte is counted in `share`. */
  readonly read: (share: Share) => Promise<Body>;
}

export interface Body {
  readonly request: Uint8Array;
  /** Size of what was sent, after decompression. */
  readonly bytes: number;
}

/** What partial_success says; 0 rejected with a message is a warning. */
export interface Partial {
  readonly rejected: number;
  readonly message: string;
}

export type Outcome = { readonly stored: true; readonly partial: Partial | null } | { readonly stored: false; readonly refusal: Refusal };

/** What both protocols share: who may send, how much at once, and the one way of a request to the bus. */
export interface Front {
  readonly config: Config["ingest"];
  readonly log: Logger;
  readonly decompressor: Decompressor;
  /** Never rejects. Resolves when the data is durable, or when it is known that it is not. */
  receive(arrival: Arrival): Promise<Outcome>;
}

/**
 * A request is walked, never decoded, and goes to the bus as the bytes that came, with the hash of those bytes as its
 * key: a client that sends them again is recognised by it. It is acknowledged when `bus.append` resolves, which is when
 * the data is durable. Throws config.invalid.
 */
export function createFront({ config, bus, log, metrics }: IngestDependencies, connections: () => Readonly<Record<Transport, number>>): Front {
  const keyring = createKeyring(config);
  const budget = new Budget(config.inFlightBytesMax, BOUNDS.requests);
  const counters = createCounters(metrics, budget, connections);

  const accept = async (signal: Signal, sender: Sender, { request, bytes }: Body): Promise<{ readonly records: number; readonly rejected: number; readonly partial: Partial | null }> => {
    const now = Date.now();
    // Before the walk, which writes the time of arrival into some records: the same request must hash alike again.
    const key = hash("sha256", request, "hex").slice(0, 32);
    const walked = walkRequest(signal, request, walkLimits(now, { pastMs: config.pastMs, futureMs: config.futureMs }));
    const { records, rejected } = walked;
    sender.take(records, bytes, now);
    if (records > rejected) {
      try {
        await bus.append(TOPICS[signal], [{ key, value: walked.body, headers: { [WALKED_HEADER]: `${records - rejected},${walked.timeMinMs},${walked.timeMaxMs}` } }]);
      } catch (error) {
        sender.give(records, bytes);
        throw error;
      }
    }
    const message = [walked.reason, walked.warning].filter((part) => part !== null).join("; ");
    return { records, rejected, partial: message === "" ? null : { rejected, message } };
  };

  return {
    config,
    log,
    decompressor: createDecompressor(),
    receive: async ({ transport, signal, presented, read }) => {
      const start = performance.now();
      let share: Share | null = null;
      let sender: Sender | null = null;
      try {
        share = budget.share();
        sender = keyring(presented);
        sender.ready(Date.now());
        const body = await read(share);
        const { records, rejected, partial } = await accept(signal, sender, body);
        counters.accepted(transport, signal, sender.name, { records, rejected, bytes: body.bytes, seconds: (performance.now() - start) / 1000 });
        if (partial !== null) log.warn({ transport, signal, key: sender.name, records, rejected, reason: partial.message }, "records rejected or changed");
        return { stored: true, partial };
      } catch (error) {
        const refusal = refusalOf(error);
        counters.refused(transport, signal, sender?.name ?? "", refusal.reason);
        // What the sender did wrong is told to the sender; the operator hears of what is wrong here.
        log[refusal.http >= 500 || refusal.reason === "ingest.full" ? "warn" : "debug"]({ transport, signal, key: sender?.name ?? "", status: refusal.http, error: messageOf(error) }, "request refused");
        return { stored: false, refusal };
      } finally {
        share?.release();
      }
    },
  };
}
