import type { Bus } from "@firstfix/bus";
import type { Config, Logger } from "@firstfix/kit";
import type { Store } from "@firstfix/store";
import type { Operations } from "./api.ts";
import { backfillOperations } from "./backfill.ts";
import { repositoryOperations } from "./repositories.ts";
import { reportOperations } from "./reports.ts";

export type { AddedRepository, ListedRepository, RefreshedRepository } from "./repositories.ts";

/** What an operation works with. */
export interface OperationRoom {
  readonly config: Config;
  readonly store: Store;
  readonly bus: Bus;
  readonly log: Logger;
}

/** All operations, on the store of this process. */
export function createOperations(room: OperationRoom): Operations {
  return { ...backfillOperations(room), ...repositoryOperations(room), ...reportOperations(room.store) };
}
