import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { TOPICS, type Bus } from "@firstfix/bus";
import { FirstfixError, messageOf, type Config, type Logger } from "@firstfix/kit";
import { tailJournal, type Store } from "@firstfix/store";
import { createConsoleApp } from "./app.ts";
import type { JournalView } from "./deps.ts";

const JOURNAL_POLL_MS = 500;

export interface ConsoleOptions {
  readonly config: Config;
  readonly bus: Bus;
  readonly store: Store;
  readonly log: Logger;
  /** Folder of the built web pages (services/console/web/dist). */
  readonly webRoot: string;
}

export interface RunningConsole {
  readonly url: string;
  close(): Promise<void>;
}

/** Listens on console.host and console.port. Throws port.in_use when another process has the port. */
export async function startConsole({ config, bus, store, log, webRoot }: ConsoleOptions): Promise<RunningConsole> {
  const listeners = new Set<() => void>();
  const tail = await tailJournal(store, () => listeners.forEach((listener) => listener()), {
    pollMs: JOURNAL_POLL_MS,
    onError: (error) => log.warn({ error: messageOf(error) }, "the journal could not be read; it is polled again"),
  });
  const journal: JournalView = {
    get state() {
      return tail.state;
    },
    refresh: () => tail.refresh(),
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const hints = bus.onHint(TOPICS.journalWritten, () => {
    tail.refresh().catch((error: unknown) => log.warn({ error: messageOf(error) }, "the journal could not be read; it is polled again"));
  });
  const { host, port } = config.console;
  const app = createConsoleApp({ store, journal, bus, log, webRoot, host });
  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  const release = async (): Promise<void> => {
    await hints.close();
    await tail.close();
  };
  try {
    await listen(server, host, port);
  } catch (error) {
    await release();
    throw error;
  }
  const name = host.includes(":") ? `[${host}]` : host;
  const url = `http://${name}:${(server.address() as AddressInfo).port}`;
  log.info({ url }, "console listens");
  return {
    url,
    close: async () => {
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      // Event streams never end by themselves.
      server.closeAllConnections();
      await closed;
      await release();
    },
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      if (cause.code !== "EADDRINUSE") reject(cause);
      else reject(new FirstfixError("port.in_use", `port ${port} of ${host} is in use`, { hint: "Stop what listens there, or set console.port (FIRSTFIX_CONSOLE_PORT); 0 picks a free one.", cause }));
    });
    server.listen(port, host, () => resolve());
  });
}
