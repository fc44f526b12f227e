import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { FirstfixError } from "@firstfix/kit";
import { isAddress, NAMES_ALLOWED, namesRepository } from "@firstfix/provenance";

const ALLOWED = "Give the folder of a git repository, or an address that begins with https://, ssh://, git:// or http://, or user@host:path.";

export type NamedSource = { readonly kind: "folder"; readonly folder: string } | { readonly kind: "address"; readonly address: string };

/**
 * What a person named as a repository: a folder where there is one, counted from here, else an address. Whether it can be
 * fetched is asked later. Throws bad_request where it is neither.
 */
export async function sourceNamed(name: string, text: string): Promise<NamedSource> {
  const given = text.trim();
  if (given === "") throw refused(`${name} is empty`);
  const found = await stat(given).catch(() => null);
  if (found?.isDirectory() === true) {
    if (given.startsWith("-")) throw new FirstfixError("bad_request", `${name} begins with a hyphen`, { hint: "Give a folder as ./-name, or an address." });
    return { kind: "folder", folder: resolve(given) };
  }
  if (found !== null) throw refused(`${name} ${given} is no folder`);
  if (isAddress(given)) return { kind: "address", address: given };
  throw refused(/^[\w.+-]+:/.test(given) ? `${name} ${given} is no address that Firstfix fetches from` : `there is no folder ${given}`);
}

/** Throws bad_request for what cannot be the name of a repository in telemetry. */
export function refuseAddress(option: string, address: string | undefined): void {
  if (address !== undefined && !namesRepository(address.trim())) throw new FirstfixError("bad_request", `${option} ${address} cannot be the name of a repository`, { hint: `That is ${NAMES_ALLOWED}, such as https://git.example.com/team/shop` });
}

function refused(says: string): FirstfixError {
  return new FirstfixError("bad_request", says, { hint: ALLOWED });
}
