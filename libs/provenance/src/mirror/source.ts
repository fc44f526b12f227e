import { isAbsolute, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { FirstfixError } from "@firstfix/kit";
import { BOUNDS } from "../limits.ts";

/** Where a repository is fetched from. */
export interface Source {
  readonly kind: "path" | "file" | "https" | "http" | "ssh" | "git";
  /** What git is given: an absolute path or an address, never with a secret. */
  readonly address: string;
  /** With the port where one is named; "" for a path. */
  readonly host: string;
}

const SCHEMES: Readonly<Record<string, Source["kind"]>> = { "https:": "https", "http:": "http", "ssh:": "ssh", "git+ssh:": "ssh", "ssh+git:": "ssh", "git:": "git" };
const ALLOWED = "Give a folder, or an address that begins with https://, ssh://, git:// or http://, or user@host:path.";
/** `[user@]host:path`, as git and ssh write it; no `::`, which would name a helper program. */
const SCP = /^(?:([A-Za-z0-9_][A-Za-z0-9_.-]*)@)?([A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?):(?!:|\/\/)([^-].*)$/;
/** What only looks like `host:path`: an address that is written wrongly, and a drive. */
const NO_HOST = /^(?:(?:file|https?|ftps?):|[A-Za-z]:[\\/])/i;
/** Schemes that no repository has, and to which a page must never link. */
const NO_REPOSITORY = /^(?:javascript|vbscript|data|blob|about|mailto|tel):/i;
/** A person's name before the host of SSH, which is no secret. */
const USER = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/;

/**
 * Reads what a person gave as the source of a repository. Throws bad_request for what git could take as an option or as
 * a program to run (`-x`, `ext::…`), for control characters, and for credentials, which belong in the environment.
 */
export function parseSource(text: string): Source {
  const given = text.trim();
  if (given === "") throw refused("No repository is named.");
  if (Buffer.byteLength(given) > BOUNDS.addressBytes) throw refused(`The address is longer than ${BOUNDS.addressBytes} bytes.`);
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(given)) throw refused("The address holds control characters.");
  if (given.startsWith("-")) throw refused("The address begins with a hyphen, so git would take it as an option.");
  if (isAbsolute(given)) return { kind: "path", address: resolve(given), host: "" };
  if (/^[A-Za-z0-9+.-]*::/.test(given)) throw refused("The address names a program for git to run.");
  if (/^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(given)) return fromUrl(given);
  const scp = isScp(given) ? SCP.exec(given) : null;
  if (scp !== null) return { kind: "ssh", address: given, host: scp[2] ?? "" };
  throw refused("This is neither a folder's whole path nor an address that Firstfix fetches from.");
}

/** Whether a text is meant as an address and not as a path. */
export function isAddress(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(text.trim()) || /^[A-Za-z0-9+.-]*::/.test(text.trim()) || isScp(text.trim());
}

/** What `namesRepository` takes, for a person. */
export const NAMES_ALLOWED = "a URL, host:path or user@host:path, host/path, or a whole path, without .. in it";

/**
 * Whether a text can be the name of a repository, as telemetry gives it: a URL, `[user@]host:path`, `host/path` or a
 * whole path. It stands in tables and on terminals and is given to git, so it leads nowhere else and is no option.
 */
export function namesRepository(text: string): boolean {
  if (text === "" || text.startsWith("-") || /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]/u.test(text)) return false;
  if (NO_REPOSITORY.test(text) || /^(?:file|https?|ftps?):(?!\/\/)/i.test(text)) return false;
  if (decoded(text).split(/[/\\:]/).includes("..")) return false;
  const url = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/([^/?#]*)/.exec(text);
  if (url !== null) return !/(?:^|@)-/.test(url[1] ?? "") && URL.canParse(text);
  return isAbsolute(text) || SCP.test(text) || HOST_PATH.test(text);
}

function isScp(text: string): boolean {
  return SCP.test(text) && !NO_HOST.test(text) && !NO_REPOSITORY.test(text);
}

const HOST_PATH = /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?(?::\d{1,5})?\/[^-/][^:]*$/;

function fromUrl(given: string): Source {
  let url: URL;
  try {
    url = new URL(given);
  } catch (cause) {
    throw refused("The address is not well formed.", cause);
  }
  if (url.protocol === "file:") return fromFile(url);
  const kind = Object.hasOwn(SCHEMES, url.protocol) ? SCHEMES[url.protocol] : undefined;
  if (kind === undefined) throw refused(`Firstfix does not fetch by ${url.protocol.slice(0, 20)}`);
  // A name alone may be a token (https://TOKEN@host); only SSH needs one to say who logs in.
  if (url.password !== "" || (url.username !== "" && kind !== "ssh")) {
    throw new FirstfixError("bad_request", `The address of ${url.host} carries credentials.`, { hint: `Give it without them, and set FIRSTFIX_GIT_TOKEN (or ${tokenVariable(url.hostname)}) in the environment of Firstfix.` });
  }
  if (url.username !== "" && !USER.test(url.username)) throw refused("The name before the host is none that SSH takes.");
  if (url.hostname === "" || url.hostname.startsWith("-")) throw refused("The address names no host.");
  if (url.search !== "" || url.hash !== "") throw refused("The address carries a query or a fragment.");
  if (decoded(url.pathname).startsWith("/-")) throw refused("The path begins with a hyphen, so a program could take it as an option.");
  return { kind, address: given, host: url.host };
}

function fromFile(url: URL): Source {
  if (url.hostname !== "" && url.hostname !== "localhost") throw refused("A file:// address names another machine.");
  try {
    return { kind: "file", address: fileURLToPath(new URL(`file://${url.pathname}`)), host: "" };
  } catch (cause) {
    throw refused("The file:// address is not well formed.", cause);
  }
}

/** The variable that holds the token of one host: `git.example.com` → FIRSTFIX_GIT_TOKEN_GIT_EXAMPLE_COM. */
export function tokenVariable(hostname: string): string {
  return `FIRSTFIX_GIT_TOKEN_${hostSuffix(hostname)}`;
}

export function hostSuffix(hostname: string): string {
  return hostname.toUpperCase().replace(/[^A-Z0-9]/g, "_");
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function refused(says: string, cause?: unknown): FirstfixError {
  return new FirstfixError("bad_request", says, { hint: ALLOWED, cause });
}
