/** FAULTS_SEED, or one of chance; printed, so that a run can be had again. */
export function seedOf(name: string): number {
  const given = process.env["FAULTS_SEED"];
  const seed = given === undefined ? Math.floor(Math.random() * 2 ** 32) : Number(given);
  console.log(`${name}: FAULTS_SEED=${seed}`);
  return seed;
}
