import { Health, StuckLag, addLag, createMetrics, startAdmin, waitFor, type DeadLetters, type Operations } from "@firstfix/admin";
import { createMemoryBus, type Bus } from "@firstfix/bus";
import { createLogger, messageOf, type Config } from "@firstfix/kit";
import type { Store } from "@firstfix/store";
import { busMayCome, openBus, openConfiguredStore, startError, storeMayCome } from "./parts.ts";
import { ROLES, checkRoles, type Role } from "./roles.ts";

export interface AppOptions {
  /** Folder of the built web pages. */
  readonly webRoot: string;
  /** What this process is; without it, everything. */
  readonly roles?: readonly Role[];
  /** Ends waiting for a store or broker that is away at the start. */
  readonly signal?: AbortSignal;
}

export interface App {
  /** OTLP/HTTP; null without the role ingest. */
  readonly ingestUrl: string | null;
  /** OTLP/gRPC; null without the role ingest. */
  readonly grpcUrl: string | null;
  /** Null without the role console. */
  readonly consoleUrl: string | null;
  readonly adminUrl: string;
  /** Stops everything in reverse order of start, so that what was accepted is still written. */
  close(): Promise<void>;
}

/**
 * Some roles, or all, in one process. Reads as the way of the data: health first, so that a process that waits can say
 * so; then store and bus, as far as these roles need them; writer, correlator and fixer; what people see; and last the
 * door through which telemetry comes in. Each role's code is loaded only where the role is, because the engine alone
 * takes 160 MB. Throws config.invalid for roles that cannot be apart.
 */
export async function startApp(config: Config, { webRoot, roles = ROLES, signal = new AbortController().signal }: AppOptions): Promise<App> {
  checkRoles(config, roles);
  const is = (role: Role): boolean => roles.includes(role);
  // Before anything is waited for: what is configured wrongly is said at once.
  const ingestRole = is("ingest") ? await import("@firstfix/ingest") : null;
  ingestRole?.createKeyring(config.ingest);
  const movesTelemetry = is("ingest") || is("writer");
  const log = (part: string) => createLogger(part, config.log);
  const closers: (() => Promise<void>)[] = [];
  const health = new Health();
  const metrics = createMetrics(health);
  let letters: DeadLetters | null = null;
  let operations: Operations | null = null;
  const close = async (): Promise<void> => {
    health.stop();
    const failures: unknown[] = [];
    // One that cannot be closed must not keep the others from writing what they hold.
    for (const one of closers.splice(0).reverse()) await one().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  };
  const running = (part: string, one: { close(): Promise<void> }): void => {
    closers.push(() => one.close());
    health.set(part, "ok");
  };
  for (const part of [...(movesTelemetry ? ["bus"] : []), ...(roles.some((role) => role !== "ingest") ? ["store"] : []), ...roles]) health.set(part, "starting");
  try {
    const admin = await startAdmin(config.admin, { health, metrics, deadLetters: () => letters, operations: () => operations });
    closers.push(() => admin.close());

    const store = roles.some((role) => role !== "ingest") ? await waitFor(() => openConfiguredStore(config), { part: "store", health, log: log("store"), signal, passes: storeMayCome(config) }) : null;
    if (store !== null) closers.push(() => store.close());
    const bus = openBus(config, movesTelemetry, log("bus"));
    closers.push(() => bus.close());
    if (movesTelemetry) await waitFor(() => bus.check(), { part: "bus", health, log: log("bus"), signal, passes: busMayCome });
    watch({ config, health, bus: movesTelemetry ? bus : null, store });
    addLag(metrics, bus);
    if (store !== null) {
      if (config.store.url === "") {
        letters = (await import("@firstfix/admin/dead-letters")).createDeadLetters(store, bus);
        operations = (await import("@firstfix/admin/operations")).createOperations({ config, store, bus, log: log("operations") });
      }
      if (is("writer")) running("writer", (await import("@firstfix/writer")).startWriter({ config: config.writer, window: config.ingest, bus, store, log: log("writer"), metrics }));
      if (is("correlator")) running("correlator", (await import("@firstfix/correlator")).startCorrelator({ config, bus, store, log: log("correlator") }));
      if (is("fixer")) running("fixer", (await import("@firstfix/fixer")).startFixer({ config, bus, store, log: log("fixer") }));
    }
    const console = store !== null && is("console") ? await (await import("@firstfix/console-api")).startConsole({ config, bus, store, log: log("console"), webRoot }) : null;
    if (console !== null) running("console", console);
    const ingest = await ingestRole?.startIngest({ config: config.ingest, bus, log: log("ingest"), metrics });
    if (ingest !== undefined) running("ingest", ingest);
    return { ingestUrl: ingest?.url ?? null, grpcUrl: ingest?.grpcUrl ?? null, consoleUrl: console?.url ?? null, adminUrl: admin.url, close };
  } catch (error) {
    await close().catch((failure: unknown) => log("app").warn({ err: messageOf(failure) }, "not closed cleanly"));
    throw startError(config, error);
  }
}

/**
 * The dead letters without a running Firstfix: from the store itself. Where there is no broker to append to, a writer of
 * our own judges what is replayed.
 */
export async function openDeadLetters(config: Config): Promise<{ readonly letters: DeadLetters; close(): Promise<void> }> {
  const store = await openConfiguredStore(config);
  try {
    // Without a spool: one of a running process may be there.
    const bus = config.bus.kind === "memory" ? createMemoryBus() : openBus(config, true, createLogger("bus", "error"));
    const { createDeadLetters } = await import("@firstfix/admin/dead-letters");
    const { startWriter } = await import("@firstfix/writer");
    const writer = config.bus.kind === "memory" ? startWriter({ config: config.writer, window: config.ingest, bus, store, log: createLogger("writer", "error") }) : null;
    return {
      letters: createDeadLetters(store, bus),
      async close() {
        await writer?.close();
        await bus.close();
        await store.close();
      },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** What the command line does on a store that no running Firstfix holds. */
export async function openOperations(config: Config): Promise<{ readonly operations: Operations; close(): Promise<void> }> {
  const store = await openConfiguredStore(config);
  const { createOperations } = await import("@firstfix/admin/operations");
  return { operations: createOperations({ config, store, bus: createMemoryBus(), log: createLogger("operations", "warn") }), close: () => store.close() };
}

/** The embedded store is this process: what could be asked would only wait behind somebody's statement. */
function watch({ config, health, bus, store }: { readonly config: Config; readonly health: Health; readonly bus: Bus | null; readonly store: Store | null }): void {
  if (bus !== null) {
    health.watch("bus", () => bus.check());
    const lag = new StuckLag(bus);
    health.advise("lag", () => lag.check());
  }
  if (store !== null && config.store.url === "") health.set("store", "ok");
  else if (store !== null)
    health.watch("store", async () => {
      const answer = await store.interactive.ping();
      if (!answer.success) throw answer.error;
    });
}
