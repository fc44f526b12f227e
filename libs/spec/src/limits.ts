/** Bounds of everything that a repository's author can make long. Characters or counts, unless the name says otherwise. */
export const SPEC_LIMITS = {
  requirementsPerFile: 2_000,
  bindingsPerFile: 500,
  /** A YAML parser takes seconds for a hostile megabyte. */
  bindingsFileBytes: 64 * 1024,
  problemsPerFile: 100,
  filesPerRequirement: 50,
  requirementTextChars: 2_000,
  expressionChars: 4_000,
  expressionNodes: 300,
  expressionDepth: 40,
  patternChars: 500,
  /** One compiled expression; nested ternaries over attributes multiply their text. A statement holds some of them and the engine takes 256 KiB. */
  sqlChars: 24 * 1024,
  withinMs: 24 * 3600 * 1000,
  nameChars: 120,
  /** An attribute's value in a verdict's detail is cut here. */
  detailValueChars: 120,
  /** Longer spans count as this long, so that a hostile duration cannot overflow a deadline. */
  spanDurationNs: 30n * 24n * 3600n * 1_000_000_000n,
} as const;

/**
 * How long after a deadline a partner span is still waited for. A span is exported when it ends and SDKs batch for up
 * to five seconds, so a partner that started in time may arrive later.
 */
export const EVENTUALLY_GRACE_MS = 5_000;
