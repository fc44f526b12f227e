import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { gunzipSync, gzipSync } from "node:zlib";
import { EnginePool, EngineRefusal, grantsArgument, type Answer, type Statement } from "./clickhouse-engine.ts";
import type { Faults, FrontOptions } from "./clickhouse.ts";

/**
 * ClickHouse's HTTP interface over chDB: `clickhouse-server.ts OPTIONS-AS-JSON`. Prints one line of JSON when it
 * listens. It ends when the process that started it does. Only for tests: what a server does with users, sessions,
 * replicas and streams of progress is not here.
 */
const BODY_BYTES_MAX = 512 * 1024 * 1024;
/** Like a server's own keep-alive: a client that reuses a connection later than this finds it closed. */
const KEEP_ALIVE_MS = 10_000;
/** Parameters of the interface itself; every other one is a setting of the statement, or `param_…`. */
const OWN_PARAMETERS: ReadonlySet<string> = new Set(["query", "database", "query_id", "session_id", "session_check", "session_timeout", "default_format", "user", "password", "role", "quota_key", "stacktrace", "buffer_size", "wait_end_of_query", "compress", "decompress"]);

const options = JSON.parse(process.argv[2] ?? "{}") as FrontOptions & { readonly port: number };
const pool = await EnginePool.open(options.folder, { connections: options.connections ?? 6, settings: options.settings ?? {}, args: [...(options.engineArgs ?? []), ...(options.grants === undefined ? [] : [grantsArgument(options.folder, options.grants)])] });
let faults: Faults = {};
let statementsTotal = 0;
const sockets = new Set<Socket>();
const bounds = { keepAliveTimeout: options.keepAliveMs ?? KEEP_ALIVE_MS, requestTimeout: 0, maxHeaderSize: 1024 * 1024 };
const answer = (request: IncomingMessage, response: ServerResponse): void => void serve(request, response);
const server = options.tls === undefined ? createServer(bounds, answer) : createTlsServer({ ...bounds, ...options.tls }, answer);
server.on("connection", (socket) => {
  sockets.add(socket);
  socket.once("close", () => sockets.delete(socket));
});
const control = createServer((request, response) => void turn(request, response));

const port = await listen(server, options.port);
process.stdout.write(`${JSON.stringify({ port, control: await listen(control, 0) })}\n`);
process.once("SIGTERM", () => void end());
process.stdin.on("end", () => process.exit(0)).resume();

async function end(): Promise<void> {
  server.close();
  server.closeIdleConnections();
  await pool.close();
  process.exit(0);
}

/** The knobs: POST a Faults object, which replaces the one before; the answer tells how many statements came so far. */
async function turn(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const before = faults.refuse === true;
  const text = (await bytesOf(request)).toString();
  if (text !== "") faults = JSON.parse(text) as Faults;
  const refuse = faults.refuse === true;
  if (refuse && !before) {
    server.close();
    for (const socket of sockets) socket.destroy();
  }
  if (before && !refuse) await listen(server, port);
  response.end(JSON.stringify({ statements: statementsTotal }));
}

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const url = new URL(request.url ?? "/", "http://front");
    if (faults.hangMs !== undefined) await sleep(faults.hangMs);
    if (faults.status !== undefined) return void response.writeHead(faults.status, { "content-type": "text/plain" }).end("The front was told to answer so.\n");
    if (url.pathname === "/ping") return void response.end("Ok.\n");
    statementsTotal += 1;
    const statement = await statementOf(request, url.searchParams);
    checkPassword(request, url.searchParams);
    if (isInsert(statement) && faults.insertDelayMs !== undefined) await sleep(faults.insertDelayMs);
    const answer = await pool.run(statement);
    // The statement is done and the client never hears of it: the case for which it must be safe to say it again.
    if (isInsert(statement) && faults.cutAnswers === true) return void request.socket.destroy();
    sendAnswer(request, response, url.searchParams, answer);
  } catch (error) {
    sendError(response, error);
  }
}

function isInsert({ text }: Statement): boolean {
  return /^\s*INSERT\b/i.test(text.subarray(0, 100).toString("latin1"));
}

/** The statement is the parameter `query`, a line break, and the body, as a server takes it. */
async function statementOf(request: IncomingMessage, parameters: URLSearchParams): Promise<Statement> {
  const packed = await bytesOf(request);
  const body = request.headers["content-encoding"] === "gzip" ? gunzipSync(packed, { maxOutputLength: BODY_BYTES_MAX }) : packed;
  const query = parameters.get("query") ?? "";
  const settings = new Map([...parameters].filter(([name]) => !OWN_PARAMETERS.has(name)));
  return { text: query === "" ? body : Buffer.concat([Buffer.from(`${query}\n`), body]), settings, database: parameters.get("database") ?? header(request, "x-clickhouse-database") ?? "default", format: parameters.get("default_format") ?? header(request, "x-clickhouse-format") ?? "TabSeparated" };
}

function checkPassword(request: IncomingMessage, parameters: URLSearchParams): void {
  const [scheme, code = ""] = (request.headers.authorization ?? "").split(" ");
  const [, name, secret] = scheme === "Basic" ? (/^([^:]*):(.*)$/s.exec(Buffer.from(code, "base64").toString()) ?? []) : [];
  const user = name ?? header(request, "x-clickhouse-user") ?? parameters.get("user") ?? "default";
  const password = secret ?? header(request, "x-clickhouse-key") ?? parameters.get("password") ?? "";
  if (user === (options.user ?? "default") && password === (options.password ?? "")) return;
  throw new EngineRefusal(`Code: 516. DB::Exception: ${user}: Authentication failed: password is incorrect, or there is no user with such name. (AUTHENTICATION_FAILED)`);
}

function sendAnswer(request: IncomingMessage, response: ServerResponse, parameters: URLSearchParams, { body, format, readRows, readBytes, elapsedNs }: Answer): void {
  const summary = { read_rows: String(readRows), read_bytes: String(readBytes), written_rows: "0", written_bytes: "0", total_rows_to_read: "0", result_rows: "0", result_bytes: String(body.byteLength), elapsed_ns: String(elapsedNs) };
  response.setHeader("X-ClickHouse-Query-Id", parameters.get("query_id") ?? "");
  response.setHeader("X-ClickHouse-Timezone", "UTC");
  response.setHeader("X-ClickHouse-Format", format);
  response.setHeader("X-ClickHouse-Summary", JSON.stringify(summary));
  response.setHeader("content-type", "text/plain; charset=UTF-8");
  const zipped = parameters.get("enable_http_compression") === "1" && /\bgzip\b/.test(header(request, "accept-encoding") ?? "");
  if (zipped) response.setHeader("content-encoding", "gzip");
  response.end(zipped ? gzipSync(body, { level: 1 }) : body);
}

function sendError(response: ServerResponse, error: unknown): void {
  if (response.headersSent || response.destroyed) return;
  const message = error instanceof Error ? error.message : String(error);
  const code = Number(/^Code: (\d+)\./.exec(message)?.[1] ?? 1002);
  const text = code === 1002 ? `Code: 1002. DB::Exception: ${message} (UNKNOWN_EXCEPTION)` : message;
  response.writeHead(STATUS_OF_CODE.get(code) ?? 500, { "X-ClickHouse-Exception-Code": String(code), "content-type": "text/plain; charset=UTF-8" });
  response.end(`${text} (version ${pool.version} (official build))\n`);
}

/** As the server's HTTP handler has them; all others are 500. */
const STATUS_OF_CODE: ReadonlyMap<number, number> = new Map([
  ...([194].map((code) => [code, 401] as const)),
  ...([192, 193, 516, 511].map((code) => [code, 403] as const)),
  ...([36, 43, 44, 53, 6, 26, 27, 38, 41, 62, 72].map((code) => [code, 400] as const)),
  ...([60, 46, 47, 50, 56, 81, 115, 63, 73, 336].map((code) => [code, 404] as const)),
  [159, 408],
  [48, 501],
  ...([209, 76, 439].map((code) => [code, 503] as const)),
]);

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes > BODY_BYTES_MAX) throw new EngineRefusal("Code: 307. DB::Exception: The body is too large. (TOO_MANY_BYTES)");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function header(request: IncomingMessage, name: string): string | null {
  const value = request.headers[name];
  return typeof value === "string" ? value : null;
}

function listen(one: Server, wanted: number): Promise<number> {
  return new Promise((resolve, reject) => {
    one.once("error", reject);
    one.listen(wanted, "127.0.0.1", () => {
      one.off("error", reject);
      resolve((one.address() as AddressInfo).port);
    });
  });
}
