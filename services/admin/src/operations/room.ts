import type { Bus } from "@firstfix/bus";
import type { Config, Logger } from "@firstfix/kit";
import type { Store } from "@firstfix/store";

/** What an operation works with. */
export interface OperationRoom {
  readonly config: Config;
  readonly store: Store;
  readonly bus: Bus;
  readonly log: Logger;
}
