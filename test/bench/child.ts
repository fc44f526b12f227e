import { spawn, type ChildProcess } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePort } from "../harness/ports.ts";

const START_MS_MAX = 60_000;
const STOP_MS_MAX = 30_000;
const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** A process of the product under measurement. */
export interface Child {
  readonly pid: number;
  readonly ingestPort: number;
  readonly grpcPort: number;
  readonly adminUrl: string;
  alive(): boolean;
  /** SIGTERM, as a service manager would. Throws when that takes too long, or when it does not end well. */
  stop(): Promise<void>;
  kill(): Promise<void>;
}

type Addresses = Pick<Child, "ingestPort" | "grpcPort" | "adminUrl">;

export interface Acknowledged {
  readonly records: number;
  readonly bytes: number;
  readonly requests: number;
  readonly seconds: number;
  readonly retried: number;
}

export interface Load {
  /** Sends what it has made, and resolves when the last of it was acknowledged. */
  go(): Promise<Acknowledged>;
}

export interface ChildOptions {
  readonly folder: string;
  readonly name: string;
  /** Of roles.ts; with `up` it is the whole product by its own command. */
  readonly roles: readonly string[];
  readonly config?: Readonly<Record<string, unknown>>;
}

export async function startChild({ folder, name, roles, config = {} }: ChildOptions): Promise<Child> {
  const { file, addresses } = await configured(folder, name, config);
  const command = roles.includes("up") ? [here("../../services/cli/src/main.ts"), "up", "--config", file] : [here("roles.ts"), file, ...roles];
  const takesRequests = roles.includes("up") || roles.includes("ingest");
  return startProcess(command, { ...addresses, readyUrl: takesRequests ? `http://127.0.0.1:${addresses.ingestPort}/healthz` : `${addresses.adminUrl}/healthz` });
}

/** Ingest with a bus that forgets. */
export async function startSwallow(folder: string): Promise<Child> {
  const { file, addresses } = await configured(folder, "swallow", {});
  return startProcess([here("swallow.ts"), file], { ...addresses, readyUrl: `http://127.0.0.1:${addresses.ingestPort}/healthz` });
}

async function configured(folder: string, name: string, config: Readonly<Record<string, unknown>>): Promise<{ readonly file: string; readonly addresses: Addresses }> {
  const [ingestPort, grpcPort, consolePort, adminPort] = [await freePort(), await freePort(), await freePort(), await freePort()];
  const file = join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify({ data: join(folder, "data"), log: "warn", ingest: { port: ingestPort, grpcPort }, console: { port: consolePort }, admin: { port: adminPort }, fixer: { enabled: false }, ...config }));
  return { file, addresses: { ingestPort, grpcPort, adminUrl: `http://127.0.0.1:${adminPort}` } };
}

async function startProcess(command: readonly string[], { readyUrl, ...addresses }: Addresses & { readonly readyUrl: string }): Promise<Child> {
  // What it says goes to standard error: the result alone goes to standard output.
  const child = spawn(process.execPath, [...command], { stdio: ["ignore", "ignore", "inherit"] });
  const exit = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await exit;
  };
  const deadline = Date.now() + START_MS_MAX;
  for (;;) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await kill();
      throw new Error(`the process did not start: ${command.join(" ")}`);
    }
    const answer = await fetch(readyUrl, { signal: AbortSignal.timeout(2000) }).catch(() => null);
    if (answer?.ok === true) break;
    await sleep(50);
  }
  return { ...addresses, pid: child.pid as number, alive: () => child.exitCode === null && child.signalCode === null, kill, stop: () => stop(child, exit) };
}

/** Starts the load generator; resolves when all its requests are made. */
export async function startLoad(options: { readonly port: number; readonly spans: number; readonly seed: number; readonly gzip?: boolean; readonly connections?: number; readonly perRequest?: number }): Promise<Load> {
  const { port, spans, seed, gzip = false, connections = 256, perRequest = 512 } = options;
  const child = spawn(process.execPath, [here("load.ts"), "--port", String(port), "--spans", String(spans), "--seed", String(seed), "--connections", String(connections), "--per-request", String(perRequest), ...(gzip ? ["--gzip"] : [])], { stdio: ["pipe", "pipe", "inherit"] });
  let words = "";
  const told = (what: RegExp): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const match = what.exec(words);
        if (match !== null) resolve(match[0]);
      };
      child.stdout.on("data", look);
      child.once("exit", () => reject(new Error(`the load generator ended: ${words}`)));
      look();
    });
  child.stdout.on("data", (chunk: Buffer) => {
    words += chunk.toString();
  });
  await told(/ready/);
  return {
    async go() {
      child.stdin.end("go\n");
      const result = JSON.parse(await told(/\{.*\}/)) as Acknowledged & { readonly wrong: readonly string[] };
      if (result.wrong.length > 0) throw new Error(`good requests were refused: ${result.wrong.join("; ")}`);
      return result;
    },
  };
}

async function stop(child: ChildProcess, exit: Promise<number | null>): Promise<void> {
  child.kill("SIGTERM");
  const late = setTimeout(() => child.kill("SIGKILL"), STOP_MS_MAX);
  const code = await exit;
  clearTimeout(late);
  if (code !== 0) throw new Error(`the process ended with ${code ?? "SIGKILL"} after SIGTERM`);
}
