export * from "./api.ts";
export { createMemoryBus, type MemoryBusOptions } from "./memory/index.ts";
export { createKafkaBus, type Compression, type KafkaBusOptions, type KafkaSasl } from "./kafka/index.ts";
