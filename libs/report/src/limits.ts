/** Bounds of a report, and when a figure may be compared. Times are milliseconds. */
export const REPORT_LIMITS = {
  /** Newest changes that one report reads; a note says where there are more. */
  changes: 200_000,
  /** Rows of deployed changes: one for each change, service and environment. */
  arrivals: 300_000,
  deployments: 50_000,
  /** Blamed commits that are looked up by id. */
  blamed: 5_000,
  /** Bytes of their ids in a statement, which the engine takes up to 256 KiB of; some name them twice. */
  blamedBytes: 100_000,
  /** Rows that a report shows; the smallest are left out, never merged. */
  rows: 200,
  /** Changes that one list shows. */
  listed: 1_000,
  /** Blamed commits that a list can be sorted by, those with most first; and bytes of what stands of them in a statement, which the engine takes up to 256 KiB of. */
  ranked: 1_200,
  rankedBytes: 100_000,
  /** The same of blamed commits that are known from a ranking only. */
  rankedUnread: 300,
  rankedUnreadBytes: 100_000,
  /** Rows that are looked up by one statement. */
  lookup: 300,
  searchCharacters: 200,
  searchWords: 8,
  weeks: 520,
  /** Rows of a report that are compared with each other, the largest first. */
  compared: 5,
  /** A figure of fewer cases (commits, changes, deployments, incidents) is not compared. */
  sampleMin: 20,
  /** From this share of lines of unknown authorship on, a report says what that means. */
  unknownMin: 0.05,
  /** Sizes further apart than this are not alike. */
  sizeFactor: 2,
  labelCharacters: 200,
  statementSeconds: 60,
} as const;

export const DAY_MS = 24 * 3_600_000;
export const WEEK_MS = 7 * DAY_MS;
