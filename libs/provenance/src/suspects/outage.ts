import type { Candidate, PlacedEdit } from "./candidates.ts";
import { isName, tokens } from "./code.ts";
import { readBy } from "./score.ts";

/** What outside of the code the error says has failed. */
export interface Outage {
  /** Ends the sentence "the error names an outage of something outside the code: …". */
  readonly what: string;
  /** Words of code that decide about it. */
  readonly words: ReadonlySet<string>;
  /** Hosts, ports, paths and variables as the message has them. */
  readonly named: readonly string[];
}

/** A line that touches nothing of what an outage names is evidence for so much of what it is otherwise. */
export const OUTSIDE = 0.15;

/** An error's text may be as long as its sender likes; what names an outage stands at its beginning. */
const MESSAGE_MAX = 4_000;
const TYPE_MAX = 200;
const NAMED_MAX = 20;
const NAMED_LENGTH_MIN = 3;
const CHANGED_MAX = 2_000;
/** Renames, prose and logging decide nothing about a connection (the weights of change.ts). */
const DECIDES = 0.25;

const CONNECTION = "host hosts hostname port ports url uri urls endpoint endpoints address addresses addr dsn connect connection connections connected client clients pool broker brokers bootstrap server servers socket proxy dns agent protocol retry retries retrying attempts backoff timeout timeouts deadline tls ssl env environ getenv database db redis kafka keepalive region credentials";
const POOL = `${CONNECTION} max min size limit release acquire idle close end finally disconnect`;

/**
 * The closed list: what environments say when they fail, by language. Each pattern is free of nested repetition, and each
 * is tried once on a bounded text. Sources: errno(3) and getaddrinfo(3); Node's lists of system, OpenSSL and undici errors; Python's
 * built-in exceptions and urllib3.exceptions; the javadoc of java.net and of HikariCP; Go's net, syscall, context
 * and crypto/x509; .NET's SocketError; RFC 9110 (15.6) and RFC 6585 (4) for HTTP; the appendix of PostgreSQL's error
 * codes, MySQL's server and client errors, libcurl's error codes, those of gRPC and of AWS' common errors. Left out is what a change of
 * the code brings about as often: timeouts of statements and locks, deadlocks, too many open files.
 */
const KINDS: readonly { readonly what: string; readonly says: RegExp; readonly types?: RegExp; readonly words: string }[] = [
  {
    what: "a certificate is not accepted",
    says: /\b(?:CERT_HAS_EXPIRED|CERT_NOT_YET_VALID|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT(?:_LOCALLY)?|CERTIFICATE_VERIFY_FAILED)\b|\bcertificate (?:has expired|verify failed|is not yet valid)|\bx509: certificate\b|\bPKIX path (?:building|validation) failed|\bremote certificate is invalid\b/i,
    words: `${CONNECTION} cert certs certificate ca pem reject unauthorized verify servername https insecure`,
  },
  {
    what: "no connection of the pool is free",
    says: /\bremaining connection slots are reserved\b|\btoo many (?:clients already|connections)\b|\bQueuePool limit of\b|\bConnection is not available, request timed out\b|\bTimeout acquiring a connection\b|\btimeout exceeded when trying to connect\b|\bER_CON_COUNT_ERROR\b/i,
    types: /^(?:java\.sql\.)?SQLTransientConnectionException$/,
    words: POOL,
  },
  {
    what: "a rate limit is reached",
    says: /\btoo many requests\b|\brate limit(?:s|ed)?(?: has been| was)? (?:exceeded|reached)\b|\brate[- ]limited\b|\b(?:status(?: code)?|HTTP(?:\/[\d.]{1,3})?|error|code)[ :=]{1,3}429\b|\b429 (?:Client Error|error)\b|\b(?:ThrottlingException|RequestLimitExceeded|RESOURCE_EXHAUSTED|quota exceeded|rate exceeded|exceeded your current quota)\b/i,
    types: /^(?:RateLimitError|TooManyRequests(?:Error|Exception)?|ThrottlingException)$/,
    words: `${CONNECTION} rate limit limiter throttle concurrency concurrent parallel batch interval delay sleep quota all`,
  },
  {
    what: "a service behind it answers 502, 503 or 504",
    says: /\b50[234] (?:Bad Gateway|Service (?:Temporarily )?Unavailable|Gateway Time-?out|Server Error)\b|\b(?:status(?: code)?|HTTP(?:\/[\d.]{1,3})?|upstream|answered|returned|responded with|response code|code)[ :=]{1,3}50[234]\b|\b(?:Bad Gateway|Service Unavailable|Gateway Time-?out)\b|\bupstream (?:connect error|request timeout|prematurely closed)\b|\bno healthy upstream\b|\b50[234] from\b/i,
    words: CONNECTION,
  },
  {
    what: "the disk is full or cannot be written",
    says: /\b(?:ENOSPC|EDQUOT|EROFS)\b|\bno space left on device\b|\bdisk quota exceeded\b|\bdisk (?:is )?full\b|\bnot enough space on the disk\b|\bread-only file system\b|\bcould not extend file\b/i,
    words: "write writes writing file files path paths dir directory tmp temp folder disk volume append stream rotate rotation retention keep log logs env environ getenv size max unlink rm remove cleanup upload dump",
  },
  {
    what: "memory ran out",
    says: /\bJavaScript heap out of memory\b|\bENOMEM\b|\bcannot allocate memory\b|\bjava heap space\b|\bGC overhead limit exceeded\b|\b(?:out of|insufficient) memory\b|\bOOMKilled\b|\bunable to create (?:new )?native thread\b|\bAllowed memory size of \d/i,
    types: /^(?:MemoryError|(?:java\.lang\.)?OutOfMemoryError|(?:System\.)?OutOfMemoryException|NoMemoryError)$/,
    words: "memory heap cache caches buffer buffers limit size max min batch page pages chunk chunks alloc allocate push append concat concurrency concurrent parallel all while for loop repeat fill clear evict delete ttl env environ getenv stream",
  },
  {
    what: "it is not let in with these credentials",
    says: /\bpassword authentication failed\b|\bAccess denied for user\b|\bAuthentication failed\b.{0,40}\b(?:server|database|broker|mongo)|\bER_ACCESS_DENIED_ERROR\b|\bWRONGPASS\b|\bExpiredToken(?:Exception)?\b/i,
    words: `${CONNECTION} user username password passwd secret token auth key login role`,
  },
  {
    what: "a connection or an answer took too long",
    says: /\b(?:ETIMEDOUT|ESOCKETTIMEDOUT|UND_ERR_(?:CONNECT|HEADERS|BODY)_TIMEOUT|DEADLINE_EXCEEDED)\b|\b(?:connect|connection|read|request|socket|operation|server selection) (?:has )?(?:timed out|timeout|time-out)\b|\bcontext deadline exceeded\b|\bi\/o timeout\b|\btimed out after \d|\btimeout of \d+ ?ms exceeded\b|\baborted due to timeout\b|\bTLS handshake timeout\b|\bconnected party did not properly respond\b|\bcode = DeadlineExceeded\b/i,
    types: /^(?:(?:java\.net\.)?SocketTimeoutException|(?:java\.net\.http\.)?Http(?:Connect)?TimeoutException|ConnectTimeout(?:Error|Exception)?|ReadTimeout(?:Error|Exception)?|(?:Net::)?(?:Open|Read)Timeout|MongoServerSelectionError)$/,
    words: `${CONNECTION} delay wait interval ms seconds sleep`,
  },
  {
    what: "a database is down or coming up",
    says: /\bthe database system is (?:starting up|shutting down|in recovery mode)\b|\bterminating connection due to (?:administrator command|conflict)\b|\bserver closed the connection unexpectedly\b|\b(?:MySQL|PostgreSQL|database) server has gone away\b|\bLost connection to (?:MySQL|server)|\bCommunications link failure\b|\bconnection to server at\b.{0,120}\bfailed\b|\bcould not connect to server\b|\bCan't connect to (?:local )?(?:MySQL|server)|\bLOADING Redis is loading\b|\bCLUSTERDOWN\b|\bMASTERDOWN\b|\bSQLSTATE\[(?:HY000\] \[200[2-6]|08\d{3})\]/i,
    types: /^(?:CommunicationsException|CannotGetJdbcConnectionException)$/,
    words: CONNECTION,
  },
  {
    what: "a host's name is not known",
    says: /\b(?:ENOTFOUND|EAI_AGAIN|EAI_NODATA|EAI_NONAME|NXDOMAIN)\b|\bName or service not known\b|\bTemporary failure in name resolution\b|\bnodename nor servname provided\b|\bno such host\b|\bNo such host is known\b|\bFailed to resolve\b.{0,120}\bhost|\bcould not resolve host\b|\bgetaddrinfo failed\b/i,
    types: /^(?:(?:java\.net\.)?UnknownHostException|NameResolutionError|gaierror|socket\.gaierror)$/,
    words: CONNECTION,
  },
  {
    what: "a connection was refused or cut",
    says: /\b(?:ECONNREFUSED|ECONNRESET|ECONNABORTED|EHOSTUNREACH|EHOSTDOWN|ENETUNREACH|ENETDOWN|EPIPE|UND_ERR_SOCKET)\b|\bconnection (?:was )?(?:refused|reset by peer|reset|aborted)\b|\bsocket hang up\b|\bactively refused it\b|\bNo route to host\b|\b(?:network|host) is unreachable\b|\bMax retries exceeded with url\b|\bFailed to establish a new connection\b|\bbroken pipe\b|\bremote end closed connection\b|^(?:TypeError: )?fetch failed$|^(?:\d{1,2} )?UNAVAILABLE:|\bcode = Unavailable\b|\bConnection terminated unexpectedly\b|\bsocket disconnected before secure TLS\b|\bcURL error (?:6|7|35|52|56)\b|\bFailed to connect to \S{1,200} port \d/i,
    types: /^(?:(?:java\.net\.)?(?:ConnectException|NoRouteToHostException)|Connection(?:Refused|Reset|Aborted)Error|NewConnectionError|MongoNetworkError|Errno::E(?:CONNREFUSED|CONNRESET|HOSTUNREACH|PIPE))$/,
    words: CONNECTION,
  },
];

/** The outage that an error names, by its message or its type; null where it says that the code went wrong. */
export function outageOf(message: string, type: string): Outage | null {
  const text = message.slice(0, MESSAGE_MAX);
  if (readBy(text).size > 0) return null;
  const kind = KINDS.find(({ says, types }) => says.test(text) || (types?.test(type.slice(0, TYPE_MAX)) ?? false));
  return kind === undefined ? null : { what: kind.what, words: new Set(kind.words.split(" ")), named: namedIn(text) };
}

export function sentenceOf({ what }: Outage): string {
  return `The error names an outage of something outside the code: ${what}.`;
}

/** A commit as evidence beside an outage: lines that do not touch what it names weigh little. `touched`: what one does. */
export function besideOutage(candidate: Candidate, outage: Outage): { readonly candidate: Candidate; readonly touched: string | null } {
  const touching = candidate.edits.map((edit) => touchOf(edit, outage));
  return { candidate: { ...candidate, edits: candidate.edits.map((edit, at) => (touching[at] === null ? { ...edit, weight: edit.weight * OUTSIDE } : edit)) }, touched: touching.find((one) => one !== null) ?? null };
}

/** The word or name by which an edit touches what failed. Where only a value was changed, its whole line tells whose it is. */
export function touchOf({ weight, code, changed, keys }: Pick<PlacedEdit, "weight" | "code" | "changed" | "keys">, { words, named }: Outage): string | null {
  if (weight <= DECIDES) return null;
  const own = changed.slice(0, CHANGED_MAX);
  const value = !tokens(own).some(isName);
  const text = value ? `${keys.join(" ")} ${code.slice(0, CHANGED_MAX)}` : own;
  return named.find((name) => holds(text, name)) ?? wordsOf(text).find((word) => words.has(word)) ?? null;
}

/** Hosts, ports, addresses, paths and variables of a message. */
function namedIn(text: string): string[] {
  const hosts = [...text.matchAll(/\b([A-Za-z\d][\w-]{0,62}(?:\.[\w-]{1,63}){0,8}):(\d{2,5})\b/g)].flatMap(([, host = "", port = ""]) => [host, port]);
  const looked = [...text.matchAll(/\b(?:ENOTFOUND|EAI_AGAIN|lookup|host)[ :='"]{1,3}([A-Za-z\d][\w.-]{1,200})/g)].map(([, host = ""]) => host);
  const urls = [...text.matchAll(/\b[a-z]{2,10}:\/\/([\w.-]{1,200})/gi)].map(([, host = ""]) => host);
  const paths = [...text.matchAll(/'(\/[^'\s]{2,200})'/g)].map(([, path = ""]) => path);
  const variables = [...text.matchAll(/\b[A-Z][A-Z\d]{1,30}_[A-Z\d_]{2,60}\b/g)].map(([name]) => name).filter((name) => !/^(?:UND_ERR|EAI|CERT|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|ER)_/.test(name));
  return [...new Set([...hosts, ...looked, ...urls, ...paths, ...variables])].filter((name) => (name.length >= NAMED_LENGTH_MIN || /^\d{2}$/.test(name)) && !/^(?:https?|tcp|udp|connect|dial|localhost)$/i.test(name)).slice(0, NAMED_MAX);
}

/** As a whole name, and not as a part of a longer one. */
function holds(text: string, name: string): boolean {
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + name.length)) {
    if (!/[\w-]/.test(text.charAt(at - 1)) && !/[\w-]/.test(text.charAt(at + name.length))) return true;
  }
  return false;
}

/** `dbTimeoutMs`, `DB_TIMEOUT_MS` → db, timeout, ms. */
function wordsOf(text: string): string[] {
  return text.split(/[^A-Za-z]+|(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/).map((word) => word.toLowerCase());
}
