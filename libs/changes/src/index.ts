export { backfill, type BackfillOptions, type BackfillProgress, type BackfillResult } from "./backfill.ts";
export { CHANGE_BOUNDS } from "./bounds.ts";
export { broughtBy, recordDeployment, type Brought, type Deployment, type Relation } from "./deployment.ts";
export { recordChanges, type RecordOptions } from "./record.ts";
export { recordShares, type SharesOptions, type SharesResult } from "./shares.ts";
export { isWritten } from "./written.ts";
