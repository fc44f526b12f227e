import type { Bus } from "@firstfix/bus";
import type { Config, Logger } from "@firstfix/kit";
import type { Store } from "@firstfix/store";
import type { Operations } from "./api.ts";

/** What an operation works with. */
export interface OperationRoom {
  readonly config: Config;
  readonly store: Store;
  readonly bus: Bus;
  readonly log: Logger;
}

/** All operations, on the store of this process. */
export function createOperations(_room: OperationRoom): Operations {
  return {};
}
