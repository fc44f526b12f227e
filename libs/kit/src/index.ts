export { ERROR_CODES, FirstfixError, messageOf, type ErrorCode, type FirstfixErrorOptions } from "./errors.ts";
export { createLogger, type Logger } from "./log.ts";
export { LIMITS, PORTS } from "./limits.ts";
export { batchTimeMs, nextBatchId } from "./batch-id.ts";
export { writePieces } from "./files.ts";
export { seededRandom } from "./random.ts";
export { newId, sha256, stableId } from "./ids.ts";
export { CONFIG_KEYS, loadConfig, parseConfig, unknownVariables, type Config, type RepositoryConfig } from "./config/index.ts";
export { MANIFEST_FILE, parseManifest, serviceIn, type Manifest, type ServiceManifest } from "./manifest.ts";
