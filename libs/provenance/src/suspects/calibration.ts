/**
 * From a score to how likely it is that the first suspect is the guilty one. `strength` is the mean of the first one's
 * score and of its lead over the second: a high score beside an equal one says as little as a low one alone. Fitted by
 * isotonic regression on the tuned half of the benchmark (test/bench/attribution/README.md): 292 questions, each asked
 * once more without the guilty commit among the candidates, which counts a quarter, as if that were so one time in five.
 * Between the points it is straight.
 */
export const CALIBRATION: readonly (readonly [strength: number, confidence: number])[] = [
  [0, 0],
  [0.2, 0.02],
  [0.26, 0.3],
  [0.31, 0.67],
  [0.45, 0.72],
  [0.49, 0.9],
  [0.55, 0.95],
  [0.6, 0.98],
  [0.7, 0.99],
  [1, 0.99],
];

export function strengthOf(score: number, second: number): number {
  return (score + Math.max(0, score - second)) / 2;
}

export function confidenceOf(score: number, second: number, table: readonly (readonly [number, number])[] = CALIBRATION): number {
  const strength = strengthOf(score, second);
  let [x0, y0] = table[0] ?? [0, 0];
  for (const [x, y] of table) {
    if (strength <= x) return Math.round((x === x0 ? y : y0 + ((y - y0) * (strength - x0)) / (x - x0)) * 1000) / 1000;
    [x0, y0] = [x, y];
  }
  return y0;
}
