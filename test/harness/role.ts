import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePort } from "./ports.ts";

const CLI = fileURLToPath(new URL("../../services/cli/src/main.ts", import.meta.url));
const READY_MS_MAX = 60_000;
const COMMAND_MS_MAX = 60_000;

export interface Ended {
  readonly code: number | null;
  /** Standard output and error together. */
  readonly output: string;
}

/** Runs one command of the CLI to its end. */
export async function firstfix(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const child = spawn(process.execPath, [CLI, ...args], { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env } });
  const timer = setTimeout(() => child.kill("SIGKILL"), COMMAND_MS_MAX);
  const ended = await endOf(child).end;
  clearTimeout(timer);
  return ended;
}

/** `firstfix up --role …` as a process of its own, on free ports. */
export interface RoleProcess {
  readonly configFile: string;
  readonly adminUrl: string;
  readonly ingestUrl: string;
  readonly consoleUrl: string;
  readonly end: Promise<Ended>;
  /** What it has said up to now. */
  words(): string;
  /** The answer of /readyz; null while nothing answers. */
  readyz(): Promise<{ readonly status: number; readonly body: { readonly ready: boolean; readonly parts: readonly { readonly part: string; readonly state: string; readonly reason?: string }[] } } | null>;
  /** Resolves when it is ready; throws with its last words when it ends before or takes too long. */
  ready(): Promise<void>;
  signal(signal: NodeJS.Signals): void;
}

/** Roles in one folder with one configuration: what is ended and removed together. */
export class Deployment {
  readonly folder = mkdtempSync(join(tmpdir(), "firstfix-roles-"));
  readonly #running: { readonly child: ChildProcess; readonly end: Promise<Ended> }[] = [];

  /** Starts a process without waiting for it. */
  async start(roles: readonly string[], config: Readonly<Record<string, unknown>>, env: Readonly<Record<string, string>> = {}): Promise<RoleProcess> {
    const [http, grpc, console, admin] = [await freePort(), await freePort(), await freePort(), await freePort()];
    const configFile = this.write(`${roles.join("-")}-${this.#running.length}.yaml`, { ...config, ingest: { port: http, grpcPort: grpc }, console: { port: console }, admin: { port: admin } });
    const child = spawn(process.execPath, [CLI, "up", "--config", configFile, ...roles.flatMap((role) => ["--role", role])], { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env } });
    const { end, words } = endOf(child);
    this.#running.push({ child, end });
    const adminUrl = `http://127.0.0.1:${admin}`;
    const readyz: RoleProcess["readyz"] = async () => {
      const answer = await fetch(`${adminUrl}/readyz`, { signal: AbortSignal.timeout(5000) }).catch(() => null);
      return answer === null ? null : { status: answer.status, body: (await answer.json()) as never };
    };
    return {
      configFile,
      adminUrl,
      ingestUrl: `http://127.0.0.1:${http}`,
      consoleUrl: `http://127.0.0.1:${console}`,
      end,
      words,
      readyz,
      async ready() {
        const deadline = Date.now() + READY_MS_MAX;
        while ((await readyz())?.status !== 200) {
          if (child.exitCode !== null || Date.now() > deadline) throw new Error(`${roles.join(", ")} did not become ready:\n${words().slice(-4000)}`);
          await sleep(100);
        }
      },
      signal: (signal) => void child.kill(signal),
    };
  }

  /** Writes a configuration file; JSON is YAML. */
  write(name: string, config: Readonly<Record<string, unknown>>): string {
    const file = join(this.folder, name);
    writeFileSync(file, JSON.stringify({ data: join(this.folder, "data"), fixer: { enabled: false }, ...config }));
    return file;
  }

  async remove(): Promise<void> {
    for (const { child } of this.#running) child.kill("SIGTERM");
    const timer = setTimeout(() => this.#running.forEach(({ child }) => child.kill("SIGKILL")), 20_000);
    await Promise.all(this.#running.map(({ end }) => end));
    clearTimeout(timer);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

function endOf(child: ChildProcess): { readonly end: Promise<Ended>; readonly words: () => string } {
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk: Buffer) => void (output += chunk.toString()));
  const end = new Promise<Ended>((resolve) => child.once("close", (code) => resolve({ code, output })));
  return { end, words: () => output };
}
