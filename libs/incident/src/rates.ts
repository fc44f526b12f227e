/** How often something failed, out of how many tries. */
export interface Rate {
  readonly failures: number;
  readonly trials: number;
}

const Z_95 = 1.959964;

/**
 * Wilson's interval of a share (E. B. Wilson, 1927), 95%. Unlike the plain interval it is
 * sensible for few trials and for shares near 0 and 1. No trials: nothing is known, [0, 1].
 */
export function wilson({ failures, trials }: Rate): readonly [low: number, high: number] {
  if (trials <= 0) return [0, 1];
  const share = Math.min(1, failures / trials);
  const zz = Z_95 * Z_95;
  const middle = (share + zz / (2 * trials)) / (1 + zz / trials);
  const half = (Z_95 / (1 + zz / trials)) * Math.sqrt((share * (1 - share)) / trials + zz / (4 * trials * trials));
  // At the ends the formula is exactly 0 and 1; floating point is not.
  return [share === 0 ? 0 : Math.max(0, middle - half), share === 1 ? 1 : Math.min(1, middle + half)];
}

/** Whether `more` is a higher rate than `less` beyond chance: their 95% intervals do not touch (about p < 0.01). */
export function significantlyMore(more: Rate, less: Rate): boolean {
  return wilson(more)[0] > wilson(less)[1];
}
