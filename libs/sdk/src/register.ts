/**
 * `node --import @firstfix/sdk/register app.js`. Whatever goes wrong here costs the telemetry, never the application.
 */
import { isMainThread } from "node:worker_threads";
import { hookImports } from "./hooks.ts";
import { localsFor } from "./locals.ts";
import { readSettings } from "./settings.ts";

const settings = readSettings(process.env);
if (isMainThread && !settings.disabled) {
  try {
    // Its thread comes up while this one loads the instrumentations.
    const locals = localsFor(settings);
    await hookImports();
    const { start } = await import("./start.ts");
    start(settings, locals);
  } catch (error) {
    process.emitWarning(`Firstfix runs without telemetry: ${error instanceof Error ? error.message : String(error)}`, { code: "FIRSTFIX_SDK" });
  }
}
