export * from "./api.ts";
export { createMemoryBus, type MemoryBusOptions } from "./memory/index.ts";
