/** Bounds of this service that nobody has needed to configure. Times are milliseconds. */
export const BOUNDS = {
  /** Bodies decompressed at the same time: each may grow to the body limit before it is counted as in flight. */
  decompressionsAtOnce: 8,
  connections: 4096,
  /** A client that sends its request more slowly than this is cut off, so that it cannot hold its share of memory. */
  requestMs: 30_000,
  /** How long close() waits for answers under way. */
  drainMs: 10_000,
  /** Advice to clients that must come back, in seconds. */
  retryAfterS: 1,
} as const;
