import type { Author, DeploymentFact } from "../facts/types.ts";
import { emptyClasses } from "../stratified.ts";
import type { RowKey } from "./keys.ts";

export type LinesBy = Record<Author, number>;

/** What one row, or the total, has gathered. Everything is counted once per row. */
export class Cell {
  readonly row: RowKey;
  /** Lines that each commit adds and deletes. */
  readonly commitLines: number[] = [];
  commitsAi = 0;
  readonly lines: LinesBy = { ai: 0, human: 0, mixed: 0, unknown: 0 };
  /** The same by commit, for intervals. */
  readonly linesOf = new Map<string, LinesBy>();
  readonly standing: LinesBy = { ai: 0, human: 0, mixed: 0, unknown: 0 };
  deployed = 0;
  deployedAi = 0;
  debugged = 0;
  debuggedAi = 0;
  /** Incidents that blame the deployed changes. */
  blames = 0;
  /** The deployed changes whose size is known, by size. */
  readonly sizes = emptyClasses();
  readonly deployedLines: number[] = [];
  readonly leadMs: number[] = [];
  readonly deployments: DeploymentFact[] = [];
  /** Redeploys of every incident opened in the period. */
  readonly redeploys: number[] = [];
  /** Redeploys of those that are closed and had any. */
  readonly cycles: number[] = [];

  constructor(row: RowKey) {
    this.row = row;
  }
}

/** Adds lines of a commit. */
export function addLines(at: Cell, commit: string, author: Author, count: number): void {
  at.lines[author] += count;
  const own = at.linesOf.get(commit) ?? { ai: 0, human: 0, mixed: 0, unknown: 0 };
  own[author] += count;
  at.linesOf.set(commit, own);
}

export function sumOf(lines: LinesBy): number {
  return lines.ai + lines.human + lines.mixed + lines.unknown;
}
