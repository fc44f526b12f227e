import type { Attributes, AttributeValue } from "./span.ts";

/** One log record as it was decoded from OTLP. Ids are lower-case hex, "" where the record has none. */
export interface LogRecord {
  /** time_unix_nano, or observed_time_unix_nano where that is 0. Nanoseconds since the epoch. */
  readonly timeNs: bigint;
  readonly traceId: string;
  readonly spanId: string;
  readonly service: string;
  readonly environment: string;
  readonly revision: string;
  readonly repository: string;
  /** 1–24, 0 where the record does not say. */
  readonly severity: number;
  readonly severityText: string;
  readonly eventName: string;
  /** null where there is none. */
  readonly body: AttributeValue | null;
  readonly attributes: Attributes;
  readonly resource: Attributes;
}
