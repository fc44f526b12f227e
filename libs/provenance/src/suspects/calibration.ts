/**
 * From a score to how likely it is that the first suspect is the guilty one. `strength` is the mean of the first one's
 * score and of its lead over the second: a high score beside an equal one says as little as a low one alone. Printed by
 * `npm run bench -- attribution --fit`: centered isotonic regression over 250 questions of the tuned half, 25 histories of each
 * category, each asked once more where the guilty commit is not among the candidates, which counts one in five
 * (test/bench/attribution/README.md). Between the points it is straight.
 */
export const CALIBRATION: readonly (readonly [strength: number, confidence: number])[] = [
  [0, 0],
  [0.05, 0.03],
  [0.15, 0.05],
  [0.48, 0.91],
  [0.59, 0.97],
  [0.64, 0.98],
  [0.75, 0.99],
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
