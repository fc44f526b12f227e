import { Counter, Histogram, Registry } from "prom-client";

export type WriterMetrics = ReturnType<typeof writerMetrics>;

/** Counters of the writer; without a registry they count for nobody. */
export function writerMetrics(registry: Registry = new Registry()) {
  const registers = [registry];
  const labelNames = ["signal"] as const;
  const counter = (name: string, help: string) => new Counter({ name: `firstfix_writer_${name}_total`, help, labelNames, registers });
  return {
    batches: counter("batches", "Batches that have landed."),
    records: counter("records", "Spans and log records that have landed."),
    bytes: counter("bytes", "Bytes of OTLP inserted."),
    repeated: counter("repeated_requests", "Requests left out because the same bytes were stored before."),
    deadLetters: counter("dead_letters", "Records set aside as dead letters."),
    outages: counter("failed_inserts", "Inserts that failed and are tried again."),
    insertSeconds: new Histogram({ name: "firstfix_writer_insert_seconds", help: "Time of one insert.", labelNames, registers, buckets: [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30] }),
  };
}
