/** Every bound of the fixer that is not configuration. Sizes are bytes, times milliseconds. */
export const BOUNDS = {
  /** Sandboxes that run at once, over all incidents: each is a whole application start. */
  sandboxesAtOnce: 2,
  incidentsAtOnce: 2,
  roundsPerIncident: 3,
  roundMs: 10 * 60_000,
  /** How long a fresh incident waits for its suspects before a round begins without them. */
  rankingWaitMs: 20_000,
  pollMs: 500,

  commandOutputBytes: 256 * 1024,
  processesMax: 128,
  threadsMax: 2048,
  openFilesMax: 4096,
  /** Files in memory (/tmp, /dev/shm) of one sandbox, each. */
  memoryFilesBytesMax: 64 * 1024 * 1024,
  fileBytesMax: 256 * 1024 * 1024,
  watchdogMs: 200,

  requestsPerReplay: 24,
  requestMs: 10_000,
  responseBytes: 64 * 1024,
  readyMs: 40_000,
  /** A request whose SERVER span has not come this long after its answer has none. */
  spansWaitMs: 4000,
  /** Nothing came for so long: the spans of a request are all there. */
  quietMs: 250,
  eventuallyMarginMs: 1000,
  lingerMsMin: 1500,
  otlpFiles: 2000,
  otlpFileBytes: 20 * 1024 * 1024,
  otlpBytes: 64 * 1024 * 1024,

  captureBytes: 512 * 1024,
  capturesTried: 3,
  tracesRead: 40,
  specFiles: 200,
  sourceBytes: 512 * 1024,
  suspectsTried: 2,
  changesPerCommit: 64,
  ddminTests: 24,
  changesAloneTried: 4,
  /** How long the search goes on for a second, different fix once there is a verified one. */
  searchAfterVerifiedMs: 12_000,
  proposedVerified: 3,
  proposedUnverified: 3,
  stepOutputChars: 4000,
  diffChars: 100_000,
} as const;
