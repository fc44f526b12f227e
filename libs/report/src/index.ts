export * from "./types.ts";
export { readReport } from "./report.ts";
export { readChanges, type ChangesQuery } from "./changes.ts";
export { readTrend } from "./trend.ts";
export { readCycles } from "./cycles.ts";
export { ALL_MEASURES, CHANGE_MEASURES, measuresOf } from "./measures.ts";
export { REPORT_LIMITS } from "./limits.ts";
