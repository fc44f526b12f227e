import { createLogger, loadConfig, unknownVariables } from "@firstfix/kit";
import { startApp, type App } from "../../../app.ts";
import { parseRoles } from "../../../roles.ts";
import { WEB_ROOT, configFile } from "../paths.ts";

/** A store that does not answer could hold a stop for ever; what it held up comes again at the next start. */
const STOP_MS_MAX = 25_000;

/** Runs until SIGINT or SIGTERM. A second signal ends the process at once. */
export async function up(options: { readonly config?: string; readonly role?: readonly string[] }): Promise<void> {
  const roles = parseRoles(options.role ?? [], process.env["FIRSTFIX_ROLE"]);
  const config = loadConfig(configFile(options.config), process.env);
  const log = createLogger("config", config.log);
  for (const { name, nearest } of unknownVariables(process.env)) log.warn({ variable: name, ...(nearest === null ? {} : { nearest }) }, "no such variable; `firstfix config` lists them");
  const stop = new AbortController();
  let code = 0;
  for (const [signal, now] of [["SIGINT", 130], ["SIGTERM", 143]] as const)
    process.on(signal, () => {
      if (stop.signal.aborted) process.exit(now);
      stop.abort();
    });
  try {
    const app = await startApp(config, { roles, webRoot: WEB_ROOT, signal: stop.signal });
    tell(app);
    await stopped(stop.signal);
    const late = setTimeout(() => {
      console.error(`firstfix: not stopped within ${STOP_MS_MAX / 1000} s, so it ends now; nothing that was acknowledged is lost`);
      process.exit(1);
    }, STOP_MS_MAX);
    await app.close();
    clearTimeout(late);
  } catch (error) {
    // Stopped while it waited for its store or broker: that is no failure.
    if (!stop.signal.aborted) throw error;
    code = (error as Error).name === "AbortError" ? 0 : 1;
  }
  // A native engine may hold handles of its own after closing; everything durable is on disk by now.
  process.exit(code);
}

function tell({ ingestUrl, grpcUrl, consoleUrl, adminUrl }: App): void {
  if (ingestUrl !== null) console.log(`Telemetry (OTLP/HTTP)  ${ingestUrl}`);
  if (grpcUrl !== null) console.log(`Telemetry (OTLP/gRPC)  ${grpcUrl}`);
  if (consoleUrl !== null) console.log(`Console                ${consoleUrl}`);
  console.log(`Health and metrics     ${adminUrl}`);
  console.log("Ctrl-C stops Firstfix.");
}

function stopped(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
