import { loadConfig } from "@firstfix/kit";
import { startApp } from "../../../app.ts";
import { WEB_ROOT, configFile } from "../paths.ts";

/** Runs until SIGINT or SIGTERM. A second signal ends the process at once. */
export async function up(options: { readonly config?: string }): Promise<void> {
  const config = loadConfig(configFile(options.config), process.env);
  const app = await startApp(config, WEB_ROOT);
  console.log(`Telemetry (OTLP/HTTP)  ${app.ingestUrl}`);
  console.log(`Console                ${app.consoleUrl}`);
  console.log("Ctrl-C stops Firstfix.");
  await new Promise<void>((resolve) => {
    process.once("SIGINT", () => resolve());
    process.once("SIGTERM", () => resolve());
  });
  process.once("SIGINT", () => process.exit(130));
  process.once("SIGTERM", () => process.exit(143));
  await app.close();
  // A native engine may hold handles of its own after closing; everything durable is on disk by now.
  process.exit(0);
}
