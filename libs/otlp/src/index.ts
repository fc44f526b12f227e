export * from "./span.ts";
export { ENGINE_COLUMNS, ENGINE_MESSAGE, ENGINE_SCHEMA, JSON_VALUE_FIELD, type Signal } from "./schema.ts";
export { walkLimits, walkRequest, type WalkLimits, type WalkResult } from "./walk/index.ts";
export { jsonToProtobuf } from "./json.ts";
export { encodeRetryStatus, encodeStatus, encodeSuccess, type Encoding } from "./response.ts";
export { decodeLogs, decodeTraces } from "./decode.ts";
export { RESOURCE_NAMES, resourceIdentity, type ResourceIdentity } from "./resource.ts";
export type { LogRecord } from "./log.ts";
