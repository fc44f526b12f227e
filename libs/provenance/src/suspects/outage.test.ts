import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { openRepository } from "../repository.ts";
import { GitSandbox } from "../testing/sandbox.ts";
import type { SuspectRanking } from "../types.ts";
import { outageOf, touchOf } from "./outage.ts";
import { rankSuspects } from "./rank.ts";

const boxes: GitSandbox[] = [];
afterAll(() => boxes.forEach((box) => box.remove()));

const REFUSED = "a connection was refused or cut";
const SLOW = "a connection or an answer took too long";
const NAME = "a host's name is not known";
const DISK = "the disk is full or cannot be written";
const MEMORY = "memory ran out";
const GATEWAY = "a service behind it answers 502, 503 or 504";
const LIMIT = "a rate limit is reached";
const CERTIFICATE = "a certificate is not accepted";
const DATABASE = "a database is down or coming up";
const POOL = "no connection of the pool is free";

describe("an outage is read from", () => {
  it.each([
    ["Node", "Error", "connect ECONNREFUSED 10.0.0.5:5432", REFUSED],
    ["Node", "Error", "getaddrinfo ENOTFOUND db.internal", NAME],
    ["Node", "Error", "getaddrinfo EAI_AGAIN redis", NAME],
    ["Node", "Error", "connect ETIMEDOUT 10.0.0.5:443", SLOW],
    ["Node", "Error", "ENOSPC: no space left on device, write", DISK],
    ["Node", "TypeError", "fetch failed", REFUSED],
    ["Node", "Error", "socket hang up", REFUSED],
    ["Node", "AxiosError", "Request failed with status code 503", GATEWAY],
    ["Node", "AxiosError", "Request failed with status code 429", LIMIT],
    ["Node", "Error", "certificate has expired", CERTIFICATE],
    ["V8", "", "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory", MEMORY],
    ["Python", "ConnectionRefusedError", "[Errno 111] Connection refused", REFUSED],
    ["Python", "requests.exceptions.ConnectionError", "HTTPConnectionPool(host='tax', port=80): Max retries exceeded with url: /rates", REFUSED],
    ["Python", "socket.gaierror", "[Errno -3] Temporary failure in name resolution", NAME],
    ["Python", "MemoryError", "", MEMORY],
    ["Python", "requests.exceptions.HTTPError", "504 Server Error: Gateway Time-out for url: http://tax/rates", GATEWAY],
    ["Python", "sqlalchemy.exc.TimeoutError", "QueuePool limit of size 5 overflow 10 reached, connection timed out, timeout 30.00", POOL],
    ["Java", "java.net.ConnectException", "Connection refused (Connection refused)", REFUSED],
    ["Java", "java.net.UnknownHostException", "tax", NAME],
    ["Java", "java.net.SocketTimeoutException", "Read timed out", SLOW],
    ["Java", "java.lang.OutOfMemoryError", "Java heap space", MEMORY],
    ["Java", "java.sql.SQLTransientConnectionException", "HikariPool-1 - Connection is not available, request timed out after 30000ms.", POOL],
    ["Java", "javax.net.ssl.SSLHandshakeException", "PKIX path validation failed", CERTIFICATE],
    ["Go", "", "dial tcp 10.0.0.5:5432: connect: connection refused", REFUSED],
    ["Go", "", "dial tcp: lookup tax on 10.0.0.10:53: no such host", NAME],
    ["Go", "", "context deadline exceeded", SLOW],
    ["Go", "", "x509: certificate has expired or is not yet valid", CERTIFICATE],
    [".NET", "System.Net.Sockets.SocketException", "No connection could be made because the target machine actively refused it.", REFUSED],
    ["Ruby", "Errno::ECONNREFUSED", "Connection refused - connect(2) for 127.0.0.1:6379", REFUSED],
    ["PHP", "PDOException", "SQLSTATE[HY000] [2002] Connection", DATABASE],
    ["Go", "", "rpc error: code = Unavailable desc = connection error", REFUSED],
    [".NET", "System.TimeoutException", "The operation has timed out.", SLOW],
    ["PHP", "GuzzleHttp\\Exception\\ConnectException", "cURL error 7: Failed to connect to tax port 80", REFUSED],
    ["Python", "psycopg2.OperationalError", 'connection to server at "db" (10.0.0.5), port 5432 failed: FATAL: role', DATABASE],
    ["PostgreSQL", "error", "the database system is starting up", DATABASE],
    ["PostgreSQL", "error", "sorry, too many clients already", POOL],
  ])("%s: %s: %s", (_, type, message, what) => {
    expect(outageOf(message, type)?.what).toBe(what);
  });

  it.each([
    ["TypeError", "Cannot read properties of undefined (reading 'ECONNREFUSED')"],
    ["TypeError", "Cannot read properties of undefined (reading 'timeout')"],
    ["RangeError", "Invalid array length"],
    ["Error", "order 503 has no lines"],
    ["Error", "invalid limit 429"],
    ["Error", "the connection string is empty"],
    ["ValueError", "invalid literal for int() with base 10: '504'"],
    ["Error", "Cannot find module './timeout'"],
    ["java.lang.NullPointerException", 'Cannot invoke "Connection.close()" because "c" is null'],
    ["DatabaseError", "canceling statement due to statement timeout"],
    ["Error", "Lock wait timeout exceeded; try restarting transaction"],
    ["Error", "duplicate key value violates unique constraint"],
    ["", ""],
  ])("and not from %s: %s", (type, message) => {
    expect(outageOf(message, type)).toBeNull();
  });

  it("however hostile its text is, in a time that does not grow with its length", () => {
    const piece = fc.constantFrom("connection ", "host", "a.", ":80", "://", "status 50", "ENOTFOUND ", "A_", "'/", "-", " ", "code=", "server at ", "Authentication failed", "Failed to resolve ", "\n", "\u0000", "\u202e", "é", "timeout of 1");
    fc.assert(fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 20 })), { maxLength: 30 }), fc.integer({ min: 1, max: 5_000 }), (pieces, times) => {
      const began = performance.now();
      const outage = outageOf(pieces.join("").repeat(times).slice(0, 2_000_000), pieces.join(""));
      // A pattern that tries a text again from each of its places would take minutes.
      expect(performance.now() - began).toBeLessThan(1_000);
      expect((outage?.named ?? []).length).toBeLessThanOrEqual(20);
      for (const name of outage?.named ?? []) expect(name.length).toBeLessThanOrEqual(600);
    }), { numRuns: 200 });
  });
});

describe("a line touches an outage where it changes", () => {
  const outage = outageOf("connect ECONNREFUSED db-old:6432", "Error");
  const edit = (code: string, changed: string, weight = 1, keys: readonly string[] = []): string | null => (outage === null ? null : touchOf({ code, changed, weight, keys }, outage));

  it.each([
    ["the name of the host", 'const at = "db-old";', '"db-old"', "db-old"],
    ["the port", "listen(6432);", "6432", "6432"],
    ["a timeout's value", "const options = { connectTimeoutMs: 50 };", "50", "connect"],
    ["a variable of the environment", "const dsn = process.env.DSN;", "process.env.DSN", "env"],
    ["how the client is made", "const db = createClient(options);", "createClient(options)", "client"],
  ])("%s", (_, code, changed, touched) => {
    expect(edit(code, changed)).toBe(touched);
  });

  it("a setting by its key, and nothing by what only stands beside it", () => {
    expect(edit('"db-new",', '"db-new"', 1, ["host", "orders"])).toBe("host");
    expect(edit("client.send(first);", "first")).toBeNull();
    expect(edit("total += port;", "+")).toBe("port");
    expect(edit("const width = 6433;", "6433")).toBeNull();
    expect(edit('log.info("connect to the host");', '"connect to the host"', 0.15)).toBeNull();
  });
});

const CODE = 'import pg from "pg";\n\nconst db = pg.connect({ host: "db-old", port: 5432, timeoutMs: 2000 });\n\nexport async function load(id) {\n  const columns = "id, total";\n  return db.query(columns, id);\n}\n';

async function ranked(after: string, message: string, beside: Readonly<Record<string, string>> = {}): Promise<SuspectRanking> {
  const box = new GitSandbox();
  boxes.push(box);
  const good = box.commit("Start", { "src/orders.js": CODE });
  const bad = box.commit("Change", { "src/orders.js": after, ...beside });
  return rankSuspects(await openRepository(box.path), { good, bad, places: [{ path: "src/orders.js", line: 7, function: "load", weight: 1 }], symbols: ["load"], files: [], scoreMin: 0.35, message });
}

describe("with one change between the deployments", () => {
  const harmless = [CODE.replace('"id, total"', '"id, total, tax"'), CODE.replace("(columns, id)", "(columns, String(id))")];
  const parts = (ranking: SuspectRanking): string => JSON.stringify(ranking.suspects.map((one) => [one.score, one.parts.map(({ score, says }) => [score, says])]));

  it.each(["connect ECONNREFUSED 10.0.0.5:5432", "getaddrinfo ENOTFOUND db-old", "the database system is starting up", "HTTP 503 Service Unavailable", "out of memory"])("nobody is named for: %s", async (message) => {
    for (const after of harmless) {
      const ranking = await ranked(after, message);
      expect(ranking.abstained, parts(ranking)).toContain("The error names an outage of something outside the code: ");
      expect(ranking.confidence).toBeLessThan(0.35);
      expect(ranking.suspects[0]?.parts[0]?.says).toContain("does not change what it names");
      expect(ranking.suspects[0]?.parts.reduce((sum, part) => sum + part.score, 0)).toBeCloseTo(ranking.suspects[0]?.score ?? -1, 6);
    }
  });

  it("what it changes beside code is no other commit's", async () => {
    expect((await ranked(harmless[0] ?? "", "connect ECONNREFUSED 10.0.0.5:5432", { "package-lock.json": "{}\n" })).abstained).not.toContain("Other commits");
  });

  it("the same change is named for an error of the code", async () => {
    for (const after of harmless) expect(await ranked(after, "Cannot read properties of undefined (reading 'query')")).toMatchObject({ abstained: null });
  });

  it.each([
    ["host", "getaddrinfo ENOTFOUND db-new", CODE.replace("db-old", "db-new")],
    ["port", "connect ECONNREFUSED 10.0.0.5:5433", CODE.replace("5432", "5433")],
    ["timeout", "timeout exceeded when trying to connect", CODE.replace("2000", "2")],
  ])("the commit is named that changed the %s", async (_, message, after) => {
    const ranking = await ranked(after, message);
    expect(ranking.abstained, parts(ranking)).toBeNull();
    expect(ranking.suspects[0]?.parts[0]?.says).toContain("This commit changes what it names: ");
  });
});
