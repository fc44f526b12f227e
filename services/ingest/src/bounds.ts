/** Bounds of this service that nobody has needed to configure. Times are milliseconds. */
export const BOUNDS = {
  /** Bodies decompressed at the same time: each may grow to the body limit before it is counted as in flight. */
  decompressionsAtOnce: 8,
  connections: 4096,
  /** A client that sends its request more slowly than this is cut off, so that it cannot hold its share of memory. */
  requestMs: 30_000,
  headersMs: 10_000,
  /** How often slow clients are looked for. */
  slowCheckMs: 1000,
  /** A body of this announced length is read at once: 4096 connections then announce 64 MiB at most. */
  smallBodyBytes: 16 * 1024,
  /** JSON costs far more than protobuf to read, and holds everybody else up meanwhile. */
  jsonBodyBytes: 8 * 1024 * 1024,
  /** How long close() waits for answers under way. */
  drainMs: 10_000,
  /** Advice to clients that must come back, in seconds. */
  retryAfterS: 1,
} as const;
