/** The variable that overrides a key: ingest.bodyBytesMax is FIRSTFIX_INGEST_BODY_BYTES_MAX. */
export function variableOf(key: string): string {
  return `FIRSTFIX_${key.replace(/([a-z])([A-Z])/g, "$1_$2").replaceAll(".", "_").toUpperCase()}`;
}

export interface UnknownVariable {
  readonly name: string;
  /** The known name that it may have been meant for; null where none is near. */
  readonly nearest: string | null;
}

/** Variables that are Firstfix's and no keys: of the command line, of the SDK, of git's credentials. */
const OTHERS = [
  "FIRSTFIX_ROLE", "FIRSTFIX_REVISION", "FIRSTFIX_REPOSITORY", "FIRSTFIX_ENVIRONMENT", "FIRSTFIX_REPLAY", "FIRSTFIX_SDK_DISABLED", "FIRSTFIX_CAPTURE_REQUESTS",
  "FIRSTFIX_CAPTURE_LOCALS", "FIRSTFIX_CAPTURE_CAUGHT", "FIRSTFIX_CAPTURE_FATAL", "FIRSTFIX_REDACT", "FIRSTFIX_FLUSH_MS", "FIRSTFIX_GIT_TOKEN", "FIRSTFIX_GIT_USERNAME",
];
/** With the name of a host behind. */
const FREE = /^FIRSTFIX_GIT_(?:TOKEN|USERNAME)_\w+$|^FIRSTFIX_ASKED_/;
const SERVICE_LINK = /^FIRSTFIX_(?:\w+_)?(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT_\d+_(?:TCP|UDP|SCTP)(?:_\w+)?)$|^FIRSTFIX_PORT$/;

const EDITS_MAX = 3;
/** One letter in so many may be wrong; with more it is another word. */
const LETTERS_PER_EDIT = 3;
const NAMES_MAX = 20;

/**
 * Without what Kubernetes sets in every pod beside a service whose name begins with firstfix: FIRSTFIX_CONSOLE_PORT is
 * then tcp://10.0.0.1:4300, and nobody meant the key.
 */
export function withoutServiceLinks(env: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(Object.entries(env).filter(([name, value]) => !SERVICE_LINK.test(name) && !(/^FIRSTFIX_\w+_PORT$/.test(name) && /^(?:tcp|udp|sctp):\/\//.test(value ?? ""))));
}

/** Variables that begin with FIRSTFIX_ and mean nothing to anybody, so that a typing error is no silence. */
export function unknownVariables(env: Readonly<Record<string, string | undefined>>, keys: readonly string[]): UnknownVariable[] {
  const known = [...keys, ...OTHERS];
  const names = Object.keys(withoutServiceLinks(env)).filter((name) => name.startsWith("FIRSTFIX_") && !known.includes(name) && !FREE.test(name));
  return names.sort().slice(0, NAMES_MAX).map((name) => ({ name, nearest: nearestName(name, known) }));
}

/** The known name with the fewest letters changed, left out or put in; null when that is a different word. */
export function nearestName(name: string, known: readonly string[]): string | null {
  let best: string | null = null;
  let least = Math.min(EDITS_MAX, Math.floor((name.length - "FIRSTFIX_".length) / LETTERS_PER_EDIT)) + 1;
  for (const one of known) {
    if (Math.abs(one.length - name.length) >= least) continue;
    const count = edits(name, one);
    if (count < least) [best, least] = [one, count];
  }
  return best;
}

/** Levenshtein's distance, row by row. */
function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) next[j] = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1));
    row = next;
  }
  return row[b.length] ?? 0;
}
