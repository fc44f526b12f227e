/** Bounds of what is recorded about changes. */
export const CHANGE_BOUNDS = {
  /** Commits of one history that a backfill looks at, newest first. */
  historyCommits: 500_000,
  historyBytes: 64 * 1024 * 1024,
  /** Commits that are read, judged and inserted together. */
  sliceCommits: 200,
  /** Of one commit. */
  paths: 500,
  teams: 50,
  authors: 200,
  evidence: 20,
  evidenceChars: 16_000,
  textChars: 500,
  /** Files of one commit; beyond that they are not listed. */
  files: 100_000,
  /** Files that are blamed, judged and inserted together. */
  blameFiles: 24,
  /** Files larger than this are not blamed but counted as left out, in bytes. */
  blameFileBytes: 2 * 1024 * 1024,
  /** Commits whose line authors are kept in memory while a revision is blamed. */
  authorsKept: 20_000,
  /** Commits and files that could not be read and are named; the others are counted. */
  problems: 20,
  tellEveryMs: 1_000,
} as const;
