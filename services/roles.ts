import { FirstfixError, type Config } from "@firstfix/kit";

/** What a process can be, in the order of the data. */
export const ROLES = ["ingest", "writer", "correlator", "fixer", "console"] as const;

export type Role = (typeof ROLES)[number];

/** Every role but ingest works on the store. */
const STORE_ROLES: readonly Role[] = ROLES.filter((role) => role !== "ingest");

/** Roles named by flags (repeated, or separated by commas), else by FIRSTFIX_ROLE, else all. Throws config.invalid. */
export function parseRoles(flags: readonly string[], variable: string | undefined): Role[] {
  const named = flags.length > 0 ? flags : [variable ?? ""];
  const names = named.flatMap((one) => one.split(",")).map((one) => one.trim()).filter((one) => one !== "");
  const wrong = names.find((one) => !ROLES.some((role) => role === one));
  if (wrong !== undefined) throw new FirstfixError("config.invalid", `there is no role "${wrong}"`, { hint: `Roles are ${ROLES.join(", ")}; none named means all.` });
  if (names.length === 0 && flags.length > 0) throw new FirstfixError("config.invalid", "--role names no role", { hint: `Roles are ${ROLES.join(", ")}; leave the flag out for all.` });
  return names.length === 0 ? [...ROLES] : ROLES.filter((role) => names.includes(role));
}

/** Throws config.invalid when these roles cannot be a process of their own with this bus and this store. */
export function checkRoles({ bus, store }: Pick<Config, "bus" | "store">, roles: readonly Role[]): void {
  if (bus.kind === "memory" && roles.includes("ingest") !== roles.includes("writer"))
    throw refused(`with bus.kind memory, ingest and writer must be in one process; this one would be ${roles.join(", ")}`, "Name both roles, or set bus.kind: kafka and bus.brokers.");
  const onStore = STORE_ROLES.filter((role) => roles.includes(role));
  if (store.url === "" && onStore.length > 0 && onStore.length < STORE_ROLES.length)
    throw refused(`the embedded store belongs to one process, so ${STORE_ROLES.join(", ")} must be together; this one would be ${roles.join(", ")}`, "Run them together (with Kafka, ingest may be apart), or set store.url to a ClickHouse server.");
}

function refused(message: string, hint: string): FirstfixError {
  return new FirstfixError("config.invalid", message, { hint });
}
