import type { Store } from "./api.ts";
import type { Engine } from "./engine/api.ts";
import { serverAddress } from "./engine/address.ts";
import { openServer } from "./engine/server.ts";
import { completeBatch, completedRequests } from "./complete.ts";
import { batchError, openError } from "./errors.ts";
import { piecesOf } from "./batch.ts";
import { createJournal } from "./journal.ts";
import { localName, onCluster } from "./cluster.ts";
import { migrate } from "./migrate.ts";
import { applyRetention, type Retention } from "./retention.ts";

export type StoreOptions = { readonly retention?: Retention } & ({ readonly path: string } | { readonly url: string; readonly cluster?: string });

/**
 * Opens the store and brings its schema up to date. Throws data_dir.in_use when another process holds the directory,
 * store.unavailable when it cannot be opened.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const engine = "path" in options ? await embedded(options.path) : await openServer(options.url, options.cluster);
  try {
    const ingest = engine.lane("ingest");
    const background = engine.lane("background");
    const interactive = engine.lane("interactive");
    const cluster = "cluster" in options ? (options.cluster ?? "") : "";
    await migrate(background, cluster);
    if (options.retention !== undefined) await (cluster === "" ? applyRetention(background, options.retention) : applyRetention(background, options.retention, localName, onCluster(cluster)));
    return {
      ingest,
      background,
      interactive,
      journal: createJournal(interactive),
      async insertBatch(batch) {
        if (piecesOf(batch.body).every((piece) => piece.byteLength === 0)) return;
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

/** Loaded only here: the engine costs 160 MB of memory, which a process on a server does not need. */
async function embedded(path: string): Promise<Engine> {
  return (await import("./engine/embedded.ts")).openEmbedded(path);
}
