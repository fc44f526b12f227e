/** Every port and bound of Firstfix in one place. Sizes are bytes, times milliseconds, unless the name says otherwise. */
export const PORTS = { otlpHttp: 4318, otlpGrpc: 4317, console: 4300, admin: 4301 } as const;

export const LIMITS = {
  /** OTLP body, before and after decompression (the protocol recommends 20 MiB). */
  otlpBodyBytes: 20 * 1024 * 1024,
  otlpSpansPerRequest: 50_000,
  otlpAttributesPerRecord: 256,
  otlpNestingDepth: 16,
  /** Records with a time outside now − past … now + future are rejected: each day is a partition of the store. */
  otlpPastMs: 7 * 24 * 3600 * 1000,
  otlpFutureMs: 3600 * 1000,
  ingestInFlightBytes: 256 * 1024 * 1024,
  /** About 150,000 spans: each INSERT has a fixed cost (libs/store/BENCHMARKING.md). Thin traffic is cut by the linger long before. */
  batchBytes: 48 * 1024 * 1024,
  batchLingerMs: 50,
  /** Exporters give up on a request after minutes at most. */
  retryWindowMs: 15 * 60_000,
  /** Hashes of stored requests that a writer remembers for one partition; beyond that the oldest are forgotten. */
  requestsRemembered: 200_000,
  gitOutputBytes: 32 * 1024 * 1024,
  gitTimeoutMs: 30_000,
  specFileBytes: 1024 * 1024,
  stackBytes: 64 * 1024,
  stackFrames: 200,
} as const;
