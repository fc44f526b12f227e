import type { ChangeRow } from "./api.ts";
import { count, plural } from "./format.ts";

/**
 * With how many commits a change shares the figures of the revisions that brought it, in words: `8 commits`, or
 * `up to 8 commits` where several deployments brought it first, each in other company. Null where it came alone.
 */
export function sharedBy(deployments: ChangeRow["deployments"]): string | null {
  const most = Math.max(0, ...deployments.map((one) => one.commits));
  if (most < 2) return null;
  return `${deployments.every((one) => one.commits === most) ? "" : "up to "}${count(most)} commits`;
}

/** What violations are some of. */
export function outOf(evaluations: number): string {
  return evaluations === 0 ? "nothing was evaluated" : `of ${plural(evaluations, "evaluation")}`;
}
