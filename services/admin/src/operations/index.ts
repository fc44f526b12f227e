import type { Bus } from "@firstfix/bus";
import type { Config, Logger } from "@firstfix/kit";
import type { Store } from "@firstfix/store";
import type { Operations } from "./api.ts";
import { backfillOperations } from "./backfill.ts";
import { groupOperations } from "./groups.ts";
import { repositoryOperations } from "./repositories.ts";
import { reportOperations } from "./reports.ts";
import { sourceMapOperations } from "./source-maps.ts";

export type { ListedMaps, Uploaded } from "./source-maps.ts";
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
  return { ...backfillOperations(room), ...groupOperations(room), ...sourceMapOperations(room), ...repositoryOperations(room), ...reportOperations(room.store) };
}
