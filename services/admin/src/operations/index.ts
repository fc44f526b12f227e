import type { Operations } from "./api.ts";
import { backfillOperations } from "./backfill.ts";
import { groupOperations } from "./groups.ts";
import { repositoryOperations } from "./repositories.ts";
import { reportOperations } from "./reports.ts";
import type { OperationRoom } from "./room.ts";
import { sourceMapOperations } from "./source-maps.ts";

export type { OperationRoom } from "./room.ts";
export { SOURCE_MAP_NAMES, type ListedMaps, type Uploaded } from "./source-maps.ts";
export type { AddedRepository, ListedRepository, RefreshedRepository } from "./repositories.ts";

/** All operations, on the store of this process. */
export function createOperations(room: OperationRoom): Operations {
  return { ...backfillOperations(room), ...groupOperations(room), ...sourceMapOperations(room), ...repositoryOperations(room), ...reportOperations(room.store) };
}
