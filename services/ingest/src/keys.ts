import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { isIPv4 } from "node:net";
import { FirstfixError, type Config } from "@firstfix/kit";
import { BOUNDS } from "./bounds.ts";
import { Bucket } from "./rates.ts";
import { RateLimited } from "./refusal.ts";

type Key = Config["ingest"]["keys"][number];

/** Whoever sends with one key, or everybody where no keys are configured. */
export interface Sender {
  /** The name of the key; empty where there are no keys. */
  readonly name: string;
  /** Throws ingest.rate_limited when the sender is over its rate already, whatever it sends. */
  ready(nowMs: number): void;
  /** Counts a request against the rates; throws ingest.rate_limited, and then nothing was counted. */
  take(records: number, bytes: number, nowMs: number): void;
  /** Takes back what was counted for a request that was not stored. */
  give(records: number, bytes: number): void;
}

/** Finds the sender by what it presented. Throws ingest.unauthorized. */
export type Keyring = (presented: string | undefined) => Sender;

/**
 * The comparison takes the same time for every wrong key: keys are looked up by a keyed hash, whose secret nobody
 * outside knows, and the hashes are then compared in constant time. Keys never stand in an error or a log line.
 */
export function createKeyring({ host, keys }: Pick<Config["ingest"], "host" | "keys">, nowMs: number = Date.now()): Keyring {
  if (keys.length === 0) {
    if (!isLoopback(host))
      throw new FirstfixError("config.invalid", `ingest.keys: empty, while ingest.host is ${JSON.stringify(host)}: without keys only a loopback address may be listened on`, {
        hint: "Give each sender a key: ingest.keys: [{name: shop, key: …}] (a good one: openssl rand -hex 24), or set ingest.host to 127.0.0.1.",
      });
    const everybody: Sender = { name: "", ready: () => undefined, take: () => undefined, give: () => undefined };
    return () => everybody;
  }
  const secret = randomBytes(32);
  const digest = (key: string): Buffer => createHmac("sha256", secret).update(key).digest();
  const senders = new Map<string, { readonly hash: Buffer; readonly sender: Sender }>();
  keys.forEach((key, index) => {
    const hash = digest(key.key);
    const name = hash.toString("latin1");
    if (senders.has(name)) throw new FirstfixError("config.invalid", `ingest.keys.${index}.key: the same key stands twice (names ${senders.get(name)?.sender.name} and ${key.name})`, { hint: "Give each sender a key of its own." });
    senders.set(name, { hash, sender: createSender(key, nowMs) });
  });
  return (presented) => {
    const hash = digest(presented ?? "");
    const found = senders.get(hash.toString("latin1"));
    if (presented === undefined || found === undefined || !timingSafeEqual(hash, found.hash))
      throw new FirstfixError("ingest.unauthorized", presented === undefined ? "an ingest key is needed" : "the ingest key is not known", { hint: "Send it as `Authorization: Bearer KEY` or `x-firstfix-key: KEY` (OTEL_EXPORTER_OTLP_HEADERS=x-firstfix-key=KEY)." });
    return found.sender;
  };
}

/** The key in `x-firstfix-key`, or in `Authorization` as a bearer token or as the password of Basic. */
export function presentedKey(header: string | undefined, authorization: string | undefined): string | undefined {
  if (header !== undefined && header !== "") return header.trim();
  const [, scheme, credentials] = /^(\w+) +(.+)$/.exec(authorization ?? "") ?? [];
  if (scheme === undefined || credentials === undefined) return undefined;
  if (scheme.toLowerCase() === "bearer") return credentials.trim();
  if (scheme.toLowerCase() !== "basic") return undefined;
  const pair = Buffer.from(credentials, "base64").toString();
  return pair.includes(":") ? pair.slice(pair.indexOf(":") + 1) : undefined;
}

function createSender({ name, recordsPerSecond, bytesPerSecond }: Key, nowMs: number): Sender {
  const records = recordsPerSecond === undefined ? null : new Bucket(recordsPerSecond, BOUNDS.burstS, nowMs);
  const bytes = bytesPerSecond === undefined ? null : new Bucket(bytesPerSecond, BOUNDS.burstS, nowMs);
  const check = (recordsCost: number, bytesCost: number, now: number): void => {
    const recordsMs = records?.waitMs(recordsCost, now) ?? 0;
    const bytesMs = bytes?.waitMs(bytesCost, now) ?? 0;
    if (recordsMs === 0 && bytesMs === 0) return;
    const [rate, what] = recordsMs >= bytesMs ? [recordsPerSecond, "records"] : [bytesPerSecond, "bytes"];
    throw new RateLimited(`the key ${name} may send ${rate} ${what} a second`, Math.max(recordsMs, bytesMs));
  };
  return {
    name,
    // Anything costs at least one record and one byte.
    ready: (now) => check(1, 1, now),
    take: (recordsCost, bytesCost, now) => {
      check(recordsCost, bytesCost, now);
      records?.take(recordsCost);
      bytes?.take(bytesCost);
    },
    give: (recordsCost, bytesCost) => {
      records?.give(recordsCost);
      bytes?.give(bytesCost);
    },
  };
}

function isLoopback(host: string): boolean {
  const name = host.replace(/^\[|\]$/g, "").toLowerCase();
  return name === "localhost" || name === "::1" || (isIPv4(name) && name.startsWith("127."));
}
