import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nextBatchId } from "@firstfix/kit";
import { literal, openStore, select, type Store, type TelemetryBatch } from "@firstfix/store";
import { span, traces } from "../../../libs/store/src/testing/otlp.ts";
import { startClickHouseFront, type ClickHouseFront, type FrontOptions } from "../../harness/clickhouse.ts";

/** Requests give up after this long, so that tests of a server that hangs are short. */
export const REQUEST_MS = 2500;

export interface ServerStore {
  readonly front: ClickHouseFront;
  readonly store: Store;
  readonly folder: string;
  remove(): Promise<void>;
}

export async function startServerStore(options: Partial<FrontOptions> = {}): Promise<ServerStore> {
  const folder = await mkdtemp(join(tmpdir(), "firstfix-front-"));
  const front = await startClickHouseFront({ folder, ...options });
  const store = await openStore({ url: `${front.url}?request_timeout=${REQUEST_MS}` });
  return {
    front,
    store,
    folder,
    async remove() {
      await store.close();
      await front.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

let services = 0;

/** A batch of a service that no other batch is of. */
export function newBatch(spans = 3): { readonly service: string; readonly batch: TelemetryBatch } {
  services += 1;
  const service = `service-${services}`;
  return { service, batch: { id: nextBatchId(), signal: "traces", body: traces({ "service.name": service }, ...Array.from({ length: spans }, () => span())) } };
}

/** Spans of a service, and what the roll-up says of them: both, because a batch must be whole. */
export async function stored(store: Store, service: string): Promise<{ spans: number; rolledUp: number } | undefined> {
  const where = `WHERE service = ${literal(service)}`;
  return (await select<{ spans: number; rolledUp: number }>(store.interactive, `SELECT (SELECT count() FROM spans ${where}) AS spans, (SELECT sum(spans) FROM exposure ${where}) AS rolledUp`))[0];
}

/** Milliseconds that a failure took. */
export async function failure(promise: Promise<unknown>): Promise<{ readonly error: unknown; readonly tookMs: number }> {
  const start = Date.now();
  try {
    await promise;
  } catch (error) {
    return { error, tookMs: Date.now() - start };
  }
  throw new Error("It was expected to fail.");
}
