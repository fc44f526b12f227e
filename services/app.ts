import { startConsole } from "@firstfix/console-api";
import { startCorrelator } from "@firstfix/correlator";
import { startFixer } from "@firstfix/fixer";
import { startIngest } from "@firstfix/ingest";
import { createMemoryBus } from "@firstfix/bus";
import { createLogger, type Config } from "@firstfix/kit";
import { openStore } from "@firstfix/store";
import { startWriter } from "@firstfix/writer";

export interface App {
  readonly ingestUrl: string;
  readonly consoleUrl: string;
  /** Stops every role in reverse order of start, so that what was accepted is still written. */
  close(): Promise<void>;
}

/**
 * All roles in one process on the embedded store. Reads as the way of the data: store and bus, then writer, correlator
 * and fixer, then what people see, and last the door through which telemetry comes in.
 */
export async function startApp(config: Config, webRoot: string): Promise<App> {
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const one of closers.splice(0).reverse()) await one();
  };
  const log = (role: string) => createLogger(role, config.log);
  try {
    const store = await openStore({ path: config.data });
    closers.push(() => store.close());
    const bus = createMemoryBus();
    closers.push(() => bus.close());
    const writer = startWriter({ config: config.writer, bus, store, log: log("writer") });
    closers.push(() => writer.close());
    const correlator = startCorrelator({ config, bus, store, log: log("correlator") });
    closers.push(() => correlator.close());
    if (config.fixer.enabled) {
      const fixer = startFixer({ config, bus, store, log: log("fixer") });
      closers.push(() => fixer.close());
    }
    const console = await startConsole({ config, bus, store, log: log("console"), webRoot });
    closers.push(() => console.close());
    const ingest = await startIngest({ config: config.ingest, bus, log: log("ingest") });
    closers.push(() => ingest.close());
    return { ingestUrl: ingest.url, consoleUrl: console.url, close };
  } catch (error) {
    await close();
    throw error;
  }
}
