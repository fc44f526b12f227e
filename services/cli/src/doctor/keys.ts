import type { Config } from "@firstfix/kit";
import { says, type Finding } from "./finding.ts";

const say = says("keys");
/** The same in every call of `openssl rand -hex 24`; never the key itself, which must not reach a log. */
const MAKE_ONE = "Make one with: openssl rand -hex 24";
const DISTINCT_MIN = 8;
const OBVIOUS = /pass(word|wd)?|secret|change|example|default|admin|firstfix|test|1234|abcd|qwert/i;

/** Who may send, as far as the configuration tells. Names keys, never shows one. */
export function checkKeys({ ingest }: Pick<Config, "ingest">): Finding[] {
  const { keys, host, corsOrigins } = ingest;
  const findings: Finding[] = [];
  if (keys.length === 0 && !isLoopback(host)) findings.push(say.problem(`ingest listens on ${host} and has no keys: Firstfix does not start so`, `Set ingest.keys, or ingest.host: 127.0.0.1. ${MAKE_ONE}`));
  if (keys.length === 0 && isLoopback(host)) findings.push(say.ok("no keys: programs of this machine may send"));
  for (const [index, { name, key }] of keys.entries()) {
    const twin = keys.findIndex((one) => one.key === key);
    if (twin !== index) findings.push(say.problem(`ingest.keys: ${keys[twin]?.name} and ${name} are the same key`, `Give each sender its own. ${MAKE_ONE}`));
    else if (keys.findIndex((one) => one.name === name) !== index) findings.push(say.warning(`ingest.keys: the name ${name} stands twice; metrics cannot tell the two apart`, "Give each key its own name."));
    else if (new Set(key).size < DISTINCT_MIN || OBVIOUS.test(key) || key.includes(name)) findings.push(say.warning(`ingest.keys: the key of ${name} is easy to guess`, MAKE_ONE));
    else findings.push(say.ok(`ingest key of ${name}`));
  }
  if (corsOrigins.includes("*") && keys.length === 0) findings.push(say.warning("any web page may send (ingest.corsOrigins: *) and no key is asked for", "Name the origins, or set ingest.keys."));
  return findings;
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}
