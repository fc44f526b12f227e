import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Budget } from "./budget.ts";

export type Transport = "http" | "grpc";

export interface Counters {
  /** A request that was answered with success. `bytes` after decompression; `seconds` from its headers to its answer. */
  accepted(transport: Transport, signal: string, key: string, counts: { readonly records: number; readonly rejected: number; readonly bytes: number; readonly seconds: number }): void;
  refused(transport: Transport, signal: string, key: string, reason: string): void;
}

/** Counts on `registry`, or on one that nobody reads. Key names are of the configuration, so the labels are bounded. */
export function createCounters(registry: Registry = new Registry(), budget: Budget, connections: () => Readonly<Record<Transport, number>>): Counters {
  const registers = [registry];
  const by = ["transport", "signal", "key"] as const;
  const requests = new Counter({ name: "firstfix_ingest_requests_total", help: "Requests that were acknowledged.", labelNames: by, registers });
  const records = new Counter({ name: "firstfix_ingest_records_total", help: "Spans and log records that were accepted.", labelNames: by, registers });
  const rejected = new Counter({ name: "firstfix_ingest_rejected_records_total", help: "Spans and log records that were rejected, as told in partial_success.", labelNames: by, registers });
  const bytes = new Counter({ name: "firstfix_ingest_bytes_total", help: "Bytes of acknowledged requests after decompression.", labelNames: by, registers });
  const refusals = new Counter({ name: "firstfix_ingest_refusals_total", help: "Requests that were refused as a whole, by reason.", labelNames: [...by, "reason"] as const, registers });
  const duration = new Histogram({ name: "firstfix_ingest_request_seconds", help: "From the headers of a request to its acknowledgement.", labelNames: ["transport"] as const, buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30], registers });
  new Gauge({ name: "firstfix_ingest_in_flight_bytes", help: "Bytes of requests that are not yet durable.", registers, collect() { this.set(budget.used); } });
  new Gauge({ name: "firstfix_ingest_connections", help: "Open connections.", labelNames: ["transport"] as const, registers, collect() { for (const [transport, count] of Object.entries(connections())) this.set({ transport }, count); } });
  // Looking a label set up costs more than counting; each is looked up once.
  const series = remember((transport: Transport, signal: string, key: string) => ({
    requests: requests.labels(transport, signal, key),
    records: records.labels(transport, signal, key),
    rejected: rejected.labels(transport, signal, key),
    bytes: bytes.labels(transport, signal, key),
    duration: duration.labels(transport),
  }));
  return {
    accepted: (transport, signal, key, counts) => {
      const one = series(transport, signal, key);
      one.requests.inc();
      one.records.inc(counts.records - counts.rejected);
      if (counts.rejected > 0) one.rejected.inc(counts.rejected);
      one.bytes.inc(counts.bytes);
      one.duration.observe(counts.seconds);
    },
    refused: (transport, signal, key, reason) => refusals.labels(transport, signal, key, reason).inc(),
  };
}

function remember<T>(make: (transport: Transport, signal: string, key: string) => T): (transport: Transport, signal: string, key: string) => T {
  const made = new Map<string, T>();
  return (transport, signal, key) => {
    const name = `${transport} ${signal} ${key}`;
    const found = made.get(name) ?? make(transport, signal, key);
    made.set(name, found);
    return found;
  };
}
