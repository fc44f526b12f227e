import { FirstfixError } from "@firstfix/kit";

/** Throws store.unavailable for a path that the engine would misread. */
export function checkDataPath(root: string): void {
  if (/[*?{}:]/.test(root)) throw new FirstfixError("store.unavailable", `The data directory ${root} has one of * ? { } : in its path, which the engine takes for a pattern.`, { hint: "Set `data` to a directory without them." });
}
