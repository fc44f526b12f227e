export * from "./api.ts";
export { appendEvents, journalEvents, type NewEvent } from "./journal.ts";
export { checkDataPath } from "./engine/path.ts";
export { storeDoctor, type Diagnosis } from "./engine/diagnose.ts";
export { lockHolder } from "./engine/lock.ts";
export { openStore, type StoreOptions } from "./open.ts";
export { inTraces, readSpans, readTrace, searchSpans } from "./spans.ts";
export { insertRows, literal, select, type SqlValue } from "./sql.ts";
export { JournalTail, tailJournal, type TailOptions } from "./tail.ts";
