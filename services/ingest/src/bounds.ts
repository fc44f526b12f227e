/** Bounds of this service that nobody has needed to configure. Times are milliseconds, unless the name says otherwise. */
export const BOUNDS = {
  /** Of each protocol. One connection costs some 50 KiB. */
  connections: 2048,
  /** Requests under way on gRPC, over all connections: each may hold its headers before its first byte is counted. */
  streams: 4096,
  streamsPerConnection: 128,
  /** Requests under way on both protocols. Their bytes have a bound of their own; this one is for what a request costs besides, some 10 KiB, since HTTP/1.1 lets a client send many before it reads one answer. */
  requests: 8192,
  headerBytes: 16 * 1024,
  /** How far a gRPC client may send ahead, so that distance does not slow it down. What comes is read and counted at once. */
  streamWindowBytes: 1024 * 1024,
  connectionWindowBytes: 4 * 1024 * 1024,
  /** A client that sends its request more slowly than this is cut off, so that it cannot hold its share of memory. */
  requestMs: 30_000,
  headersMs: 10_000,
  /** A client that does not take its answer within this time is cut off. */
  answerMs: 30_000,
  /** How often slow clients are looked for. */
  slowCheckMs: 1000,
  /** A kept connection without a request. Exporters send every 5 s by default: less would break off their next request. */
  idleMs: 75_000,
  /** A connection on which nothing moves at all, even amid a request: longer than any wait for the store. */
  silentMs: 120_000,
  /** Pings on one connection without a request between them; beyond that it is closed. */
  pings: 100,
  /** After an early refusal the rest of a body is still read for this long and this far, so that the answer arrives. */
  lingerMs: 2000,
  lingerBytes: 1024 * 1024,
  /** A refused body of this announced length is read to its end, which keeps the connection. */
  smallBodyBytes: 64 * 1024,
  /** Bodies decompressed at the same time: each may grow to the body limit before it is counted as in flight. */
  decompressionsAtOnce: 8,
  /** Up to this size a body is decompressed at once, if it stays below the second size: cheaper than a trip to another thread. */
  inlineCompressedBytes: 32 * 1024,
  inlineBytes: 512 * 1024,
  /** JSON costs far more than protobuf to read, and holds everybody else up meanwhile. */
  jsonBodyBytes: 8 * 1024 * 1024,
  /** A key may send what it may send in this time at once, in seconds. */
  burstS: 5,
  /** How long close() waits for answers under way. */
  drainMs: 10_000,
  /** Advice to clients that must come back. */
  retryAfterMs: 1000,
  /** How long a browser may keep the answer to a preflight, in seconds. */
  preflightS: 7200,
} as const;
