import type { Store } from "./api.ts";
import { serverAddress } from "./engine/address.ts";
import { openEmbedded } from "./engine/embedded.ts";
import { openServer } from "./engine/server.ts";
import { completeBatch, completedRequests } from "./complete.ts";
import { batchError, openError } from "./errors.ts";
import { createJournal } from "./journal.ts";
import { migrate } from "./migrate.ts";

export type StoreOptions = { readonly path: string } | { readonly url: string };

/**
 * Opens the store and brings its schema up to date. Throws data_dir.in_use when another process holds the directory,
 * store.unavailable when it cannot be opened.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const engine = "path" in options ? await openEmbedded(options.path) : await openServer(options.url);
  try {
    const ingest = engine.lane("ingest");
    const background = engine.lane("background");
    const interactive = engine.lane("interactive");
    await migrate(background);
    return {
      ingest,
      background,
      interactive,
      journal: createJournal(interactive),
      async insertBatch(batch) {
        if (batch.body.byteLength === 0) return;
        await engine.insertBatch(ingest, batch).catch((cause: unknown) => {
          throw batchError(cause);
        });
      },
      completeBatch: (batch) =>
        completeBatch(ingest, batch).catch((cause: unknown) => {
          throw batchError(cause);
        }),
      completedRequests: (source, sinceMs, limit) => completedRequests(background, source, sinceMs, limit),
      close: () => engine.close(),
    };
  } catch (error) {
    await engine.close();
    throw "url" in options ? openError(serverAddress(options.url).shown, error) : error;
  }
}
