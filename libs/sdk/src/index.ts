/** Attributes that the SDK sets beside OpenTelemetry's own. Both hold JSON text, redacted at the source. */
export { CAPTURE_LOCALS } from "./exceptions.ts";
export { CAPTURE_REQUEST } from "./request.ts";
/** For applications that start OpenTelemetry from their own code instead of `--import @firstfix/sdk/register`. */
export { hookImports } from "./hooks.ts";
export { readSettings, type Settings } from "./settings.ts";
export { start } from "./start.ts";
