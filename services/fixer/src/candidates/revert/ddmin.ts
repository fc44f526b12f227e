/**
 * Delta debugging: the smallest part of `all` (1-minimal, if the budget lasts) for which `test` still holds; it is known
 * to hold for all of it. `budget` bounds the calls of `test`; what is reached by then is returned.
 */
export async function ddmin<T>(all: readonly T[], test: (part: readonly T[]) => Promise<boolean>, budget: number): Promise<readonly T[]> {
  let current = all;
  let parts = 2;
  let calls = 0;
  while (current.length >= 2 && calls < budget) {
    const chunks = split(current, parts);
    // With two chunks a complement is the other chunk: testing it again would only cost time.
    const trials = parts === 2 ? chunks : [...chunks, ...chunks.map((chunk) => current.filter((one) => !chunk.includes(one)))];
    let smaller: readonly T[] | null = null;
    for (const trial of trials) {
      if (calls >= budget) break;
      calls += 1;
      if (await test(trial)) {
        smaller = trial;
        break;
      }
    }
    if (smaller !== null) {
      parts = chunks.includes(smaller) ? 2 : Math.max(parts - 1, 2);
      current = smaller;
      continue;
    }
    if (parts >= current.length) break;
    parts = Math.min(current.length, parts * 2);
  }
  return current;
}

function split<T>(all: readonly T[], parts: number): (readonly T[])[] {
  const size = all.length / parts;
  return Array.from({ length: parts }, (_, index) => all.slice(Math.round(index * size), Math.round((index + 1) * size))).filter((chunk) => chunk.length > 0);
}
