/**
 * Runs inside the sandbox, alone: only Node's own modules, its plan beside it. It receives the telemetry of the service
 * on loopback, starts the service, sends the requests, and leaves everything as files for the host to judge. It judges
 * nothing itself, because the code that it runs beside could lie to it.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createServer, request, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import type { PlannedRequest, RunPlan, RunResponse, RunResults } from "./plan.ts";

const LOG_CHARS = 20_000;
const TICK_MS = 20;
const STOP_GRACE_MS = 1500;
/** Time to write compiled code, which a busy machine needs. */
const GRACEFUL_MS = 6000;

const plan = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as RunPlan;
const responses: RunResponse[] = [];
const seen: Buffer[] = [];
let lastSpansAt = 0;
let files = 0;
let log = "";
const life: { exited: string | null } = { exited: null };
let ready = false;
let phases = 0;

const receiver = createServer((message, answer) => {
  void receive(message).then((status) => answer.writeHead(status, { "content-type": message.headers["content-type"] ?? "application/x-protobuf" }).end(status === 200 && isJson(message) ? "{}" : ""));
});
const otlpPort = await listen(receiver);
const port = await freePort();
const service = start();
ready = await waitReady();
if (ready) await sendAll();
save(false);
const stopped = ready && (await linger());
await end(service, stopped && !plan.graceful);
save(true);
process.exit(0);

async function sendAll(): Promise<void> {
  for (const phase of plan.phases) {
    for (const one of phase) responses.push(await send(one));
    await waitSpans(phase);
    phases += 1;
    save(false);
    if (stopAsked()) return;
  }
}

/** Until the trace of every request has shown itself and nothing more came for a while. */
async function waitSpans(phase: readonly PlannedRequest[]): Promise<void> {
  const wanted = new Set(phase.map((one) => Buffer.from(one.traceId, "hex")));
  const until = Date.now() + plan.spansWaitMs;
  while (Date.now() < until && life.exited === null && !stopAsked()) {
    for (const id of wanted) {
      if (seen.some((body) => body.includes(id) || body.includes(id.toString("hex")))) wanted.delete(id);
    }
    if (wanted.size === 0 && Date.now() - lastSpansAt >= plan.quietMs) return;
    await pause(TICK_MS);
  }
}

async function linger(): Promise<boolean> {
  const until = Date.now() + plan.lingerMs;
  while (Date.now() < until && life.exited === null) {
    if (stopAsked()) return true;
    await pause(TICK_MS);
  }
  return stopAsked();
}

function stopAsked(): boolean {
  return existsSync(join(plan.control, "stop"));
}

async function receive(message: IncomingMessage): Promise<number> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > plan.otlpFileBytes) return 413;
    chunks.push(chunk);
  }
  const signal = /^\/v1\/(traces|logs)$/.exec(message.url ?? "")?.[1];
  if (signal === undefined) return 200;
  if (files >= plan.otlpFiles) return 429;
  let body: Buffer = Buffer.concat(chunks);
  try {
    if (message.headers["content-encoding"] === "gzip") body = gunzipSync(body, { maxOutputLength: plan.otlpFileBytes });
  } catch {
    return 400;
  }
  files += 1;
  if (signal === "traces") seen.push(body);
  lastSpansAt = Date.now();
  const name = `${String(files).padStart(5, "0")}.${signal}.${isJson(message) ? "json" : "pb"}`;
  put(name, body);
  return 200;
}

function isJson(message: IncomingMessage): boolean {
  return (message.headers["content-type"] ?? "").startsWith("application/json");
}

function start(): ChildProcess {
  const endpoint = `http://127.0.0.1:${otlpPort}`;
  const env = { ...plan.env, PORT: String(port), OTEL_EXPORTER_OTLP_ENDPOINT: endpoint };
  const child = spawn("/bin/sh", ["-c", plan.start], { cwd: plan.cwd, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const keep = (chunk: Buffer): void => {
    if (log.length < LOG_CHARS) log += chunk.toString("utf8").slice(0, LOG_CHARS - log.length);
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  child.once("error", (error) => (life.exited = error.message));
  child.once("exit", (code, signal) => (life.exited = signal === null ? `exit code ${code}` : `signal ${signal}`));
  return child;
}

async function waitReady(): Promise<boolean> {
  const until = Date.now() + plan.readyMs;
  while (Date.now() < until && life.exited === null) {
    const answer = await send({ id: "", traceId: "", method: "GET", target: plan.ready, headers: {}, body: null });
    if (answer.status > 0 && answer.status < 500) return true;
    await pause(TICK_MS);
  }
  return false;
}

function send(one: PlannedRequest): Promise<RunResponse> {
  const started = Date.now();
  return new Promise((resolve) => {
    const done = (status: number, contentType: string, body: string): void => resolve({ id: one.id, status, contentType, body, ms: Date.now() - started });
    const body = one.body === null ? null : Buffer.from(one.body, "base64");
    const headers: Record<string, string> = { ...one.headers, host: `127.0.0.1:${port}`, connection: "close" };
    if (body !== null) headers["content-length"] = String(body.length);
    // A readiness probe asks not to be traced: its spans are nobody's evidence.
    headers["traceparent"] = one.traceId === "" ? `00-${"f".repeat(32)}-${"f".repeat(16)}-00` : `00-${one.traceId}-${one.traceId.slice(0, 15)}1-01`;
    try {
      const sent = request({ host: "127.0.0.1", port, method: one.method, path: one.target, headers, timeout: plan.requestMs, agent: false }, (message) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        message.on("data", (chunk: Buffer) => {
          if (bytes < plan.responseBytes) chunks.push(chunk.subarray(0, plan.responseBytes - bytes));
          bytes += chunk.length;
        });
        message.once("close", () => done(message.statusCode ?? 0, message.headers["content-type"] ?? "", Buffer.concat(chunks).toString("utf8")));
      });
      sent.once("timeout", () => sent.destroy(new Error(`no answer within ${plan.requestMs} ms`)));
      sent.once("error", (error) => done(0, "", error.message));
      sent.end(body ?? undefined);
    } catch (error) {
      done(0, "", error instanceof Error ? error.message : String(error));
    }
  });
}

/** When the host has seen enough nothing is left to flush; otherwise the service may end by itself and flush. */
async function end(child: ChildProcess, atOnce: boolean): Promise<void> {
  if (life.exited !== null || child.pid === undefined) return;
  if (!atOnce) {
    tell(-child.pid, "SIGTERM");
    const until = Date.now() + (plan.graceful ? GRACEFUL_MS : STOP_GRACE_MS);
    // The shell may be gone before what it started: the whole group counts.
    while (Date.now() < until && tell(-child.pid, 0)) await pause(TICK_MS);
  }
  tell(-child.pid, "SIGKILL");
}

/** False when there is nobody left to tell. */
function tell(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

function save(done: boolean): void {
  const results: RunResults = { ready, phases, responses, exited: life.exited, log, done };
  put("results.json", JSON.stringify(results));
}

function put(name: string, data: Buffer | string): void {
  const aside = join(plan.out, `.${name}.part`);
  writeFileSync(aside, data);
  renameSync(aside, join(plan.out, name));
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port)));
}

async function freePort(): Promise<number> {
  const server = createServer();
  const found = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return found;
}
