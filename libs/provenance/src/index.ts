export * from "./types.ts";
export { openRepository, Repository } from "./repository.ts";
export type { ChangedFile } from "./git/diff.ts";
export type { Exported } from "./git/export.ts";
export type { ListedFile } from "./git/tree.ts";
export type { FileCommit } from "./git/write.ts";
