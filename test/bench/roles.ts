import { createMetrics, Health, startAdmin } from "@firstfix/admin";
import { startIngest } from "@firstfix/ingest";
import { createLogger, loadConfig } from "@firstfix/kit";
import { startWriter } from "@firstfix/writer";
import { openBus, openConfiguredStore } from "../../services/parts.ts";

/**
 * `firstfix up` with the roles ingest and writer, or one of them, on the embedded store: `node roles.ts CONFIG ROLE…`.
 * The command itself does not allow the writer apart from the correlator there, whose work is not ingest; here it is.
 */
const [file = "", ...roles] = process.argv.slice(2);
const config = loadConfig(file, process.env);
const log = createLogger("bench", config.log);
const health = new Health();
const metrics = createMetrics(health);
const admin = await startAdmin(config.admin, { health, metrics, deadLetters: () => null, operations: () => null });
const store = roles.includes("writer") ? await openConfiguredStore(config) : null;
const bus = openBus(config, true, log);
const writer = store === null ? null : startWriter({ config: config.writer, window: config.ingest, bus, store, log, metrics });
const ingest = roles.includes("ingest") ? await startIngest({ config: config.ingest, bus, log, metrics }) : null;
health.set("bus", "ok");

process.once("SIGTERM", () => void stop());

async function stop(): Promise<void> {
  await ingest?.close();
  await writer?.close();
  await bus.close();
  await store?.close();
  await admin.close();
  process.exit(0);
}
