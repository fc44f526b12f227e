import { FirstfixError } from "@firstfix/kit";

export interface ServerAddress {
  /** As it was given, password and all: for the client alone. */
  readonly url: string;
  readonly database: string;
  /** Without the password: for logs and errors. */
  readonly shown: string;
  /** `?request_timeout=…` of the address, which the client obeys before anything else. */
  readonly requestMs: number | null;
}

/** Takes `http(s)://user:password@host:port/database` apart. Throws config.invalid without repeating the password. */
export function serverAddress(text: string): ServerAddress {
  // No cause: the language's own error holds the whole text, and with it the password.
  if (!URL.canParse(text)) throw invalid("store.url is no address.");
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:") throw invalid(`store.url begins with ${url.protocol}//, but the store speaks HTTP.`);
  const database = decodeURIComponent(url.pathname.slice(1)) || "default";
  if (!/^\w{1,64}$/.test(database)) throw invalid("The database in store.url must be letters, digits and _.");
  return { url: text, database, shown: `${url.protocol}//${url.host}/${database}`, requestMs: Number(url.searchParams.get("request_timeout")) || null };
}

/** The same server, another database. */
export function withDatabase(url: string, database: string): string {
  const other = new URL(url);
  other.pathname = `/${database}`;
  return other.toString();
}

function invalid(message: string): FirstfixError {
  return new FirstfixError("config.invalid", message, { hint: "Write it as http://user:password@host:8123/firstfix, or https with port 8443." });
}
