import { createMemoryBus } from "@firstfix/bus";
import { startIngest } from "@firstfix/ingest";
import { createLogger, loadConfig } from "@firstfix/kit";

/** The network part of ingest alone: everything up to the bus, which takes what it is given and forgets it. */
const config = loadConfig(process.argv[2] ?? "", process.env);
const bus = { ...createMemoryBus(), keeps: true, append: () => Promise.resolve() };
const ingest = await startIngest({ config: config.ingest, bus, log: createLogger("bench", config.log) });

process.once("SIGTERM", () => void ingest.close().then(() => process.exit(0)));
