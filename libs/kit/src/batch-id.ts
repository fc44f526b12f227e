// A batch id is 64 bits: milliseconds (42) · this process (10, random) · counter (12). It sorts by time, grows strictly
// within a process, and two processes meet only in the same millisecond with the same random part and counter.
const PROCESS = BigInt(Math.floor(Math.random() * 1024));
const COUNTER_BITS = 12n;
const TIME_SHIFT = 22n;
let last = 0n;

export function nextBatchId(): bigint {
  const candidate = (BigInt(Date.now()) << TIME_SHIFT) | (PROCESS << COUNTER_BITS);
  // More than 4,096 ids in a millisecond, or a clock that went back, run on from the last id.
  last = candidate > last ? candidate : last + 1n;
  return last;
}

/** Milliseconds since the epoch at which the id was made. */
export function batchTimeMs(id: bigint): number {
  return Number(id >> TIME_SHIFT);
}
