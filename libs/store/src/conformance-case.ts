import type { Store } from "./api.ts";

/** What the cases of a part need: the open store, and names that no other case uses. */
export interface StoreCase {
  readonly store: () => Store;
  /** Grows with each call. */
  readonly number: () => number;
}
