import { join } from "node:path";
import { createMemoryBus, type Bus } from "@firstfix/bus";
import { FirstfixError, messageOf, type Config } from "@firstfix/kit";
import { openStore, type Store } from "@firstfix/store";

/** The bus of a process that moves telemetry; a process that moves none needs only hints. */
export async function openBus(config: Config, movesTelemetry: boolean): Promise<Bus> {
  if (!movesTelemetry) return createMemoryBus();
  if (config.bus.kind === "memory") return createMemoryBus({ bytesMax: config.ingest.inFlightBytesMax, spool: join(config.data, "spool") });
  throw new FirstfixError("config.invalid", "bus.kind kafka is not available");
}

export function openConfiguredStore({ data, store }: Config): Promise<Store> {
  const { url, cluster, spansDays, logsDays, findingsDays } = store;
  const retention = { retention: { spansDays, logsDays, findingsDays } };
  return url === "" ? openStore({ path: data, ...retention }) : openStore({ url, ...retention, ...(cluster === "" ? {} : { cluster }) });
}

/** What a server answers when the address, the name or the password is wrong: waiting would not mend it. */
const CONFIGURED_WRONGLY: ReadonlySet<string> = new Set(["AUTHENTICATION_FAILED", "ACCESS_DENIED", "UNKNOWN_DATABASE", "UNKNOWN_USER", "WRONG_PASSWORD", "REQUIRED_PASSWORD"]);

/**
 * Whether a store that could not be opened may be there later. Of a server everything may pass but what it says about
 * the configuration; of the embedded store nothing does: another process has it, or the folder is at fault.
 */
export function storeMayCome(config: Config): (error: unknown) => boolean {
  return (error) => {
    if (config.store.url === "") return false;
    const causes = chain(error);
    if (causes.some((one) => CONFIGURED_WRONGLY.has(typeOf(one)))) return false;
    return causes.some((one) => !(one instanceof FirstfixError) || one.retryable);
  };
}

export function busMayCome(error: unknown): boolean {
  return error instanceof FirstfixError && error.retryable;
}

/** One line for the person who configured it. */
export function storeError(config: Config, error: unknown): unknown {
  if (config.store.url === "" || !chain(error).some((one) => CONFIGURED_WRONGLY.has(typeOf(one)))) return error;
  return new FirstfixError("config.invalid", `the ClickHouse server at ${withoutPassword(config.store.url)} refuses: ${messageOf(chain(error).at(-1)).split("\n", 1)[0]}`, { cause: error, hint: "Check user, password and database in store.url (FIRSTFIX_STORE_URL); `firstfix doctor` tries it." });
}

/** An address as it may be printed. */
export function withoutPassword(url: string): string {
  if (!URL.canParse(url)) return "(not an address)";
  const parsed = new URL(url);
  return `${parsed.protocol}//${parsed.username === "" ? "" : `${parsed.username}@`}${parsed.host}${parsed.pathname}`;
}

/** An error and its causes, outermost first; bounded, because a cause may name itself. */
function chain(error: unknown): unknown[] {
  const all: unknown[] = [];
  for (let one = error; one !== undefined && all.length < 8; one = one instanceof Error ? one.cause : undefined) all.push(one);
  return all;
}

function typeOf(error: unknown): string {
  if (typeof error === "object" && error !== null && "type" in error && typeof error.type === "string") return error.type;
  return /\(([A-Z][A-Z0-9_]+)\)\s*$/.exec(messageOf(error))?.[1] ?? "";
}
