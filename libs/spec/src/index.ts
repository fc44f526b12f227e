export * from "./types.ts";
export { attributeNames, compileCheck, describeCheck, type CompiledCheck } from "./check/compile.ts";
export type { CheckSql } from "./check/sql.ts";
export { EVENTUALLY_GRACE_MS, SPEC_LIMITS } from "./limits.ts";
export { parseEars } from "./kiro/ears.ts";
export { readSpecs } from "./read.ts";
