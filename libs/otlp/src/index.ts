export * from "./span.ts";
export { ENGINE_COLUMNS, ENGINE_MESSAGE, ENGINE_SCHEMA, JSON_VALUE_FIELD, type Signal } from "./schema.ts";
