import { canonicalName } from "./ecosystems.ts";
import type { Bump } from "./versions.ts";

interface State {
  readonly versions: string;
  /** What led there; null for what was there before all of them. */
  readonly bump: Bump | null;
}

/**
 * The bumps, by commit and the newest first, that still stand: of a package that went from 1 to 2, back to 1 and to 1.1,
 * only the last.
 */
export function withoutUndone(bumps: ReadonlyMap<string, readonly Bump[]>): Map<string, Bump[]> {
  const chains = new Map<string, State[]>();
  for (const bump of [...bumps.values()].toReversed().flat()) {
    const key = [bump.path, canonicalName(bump.ecosystem, bump.name), bump.folder ?? ""].join("\n");
    const chain = chains.get(key) ?? [{ versions: bump.from, bump: null }];
    const back = chain.findIndex(({ versions }) => versions === bump.to);
    if (back < 0) chain.push({ versions: bump.to, bump });
    else chain.length = back + 1;
    chains.set(key, chain);
  }
  const standing = new Set([...chains.values()].flat().map(({ bump }) => bump));
  return new Map([...bumps].map(([commit, some]) => [commit, some.filter((bump) => standing.has(bump))]));
}
