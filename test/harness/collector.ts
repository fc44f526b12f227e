import { spawn } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { cached } from "./cache.ts";
import { command } from "./command.ts";
import { freePort } from "./ports.ts";
import { runs } from "./requires.ts";

const SOURCE = fileURLToPath(new URL("../black-box/clients/collector/", import.meta.url));
const FILES = ["main.go", "go.mod", "go.sum"];
const START_MS_MAX = 30_000;
const STOP_MS_MAX = 30_000;

export const GO = { name: "Go", there: runs("go", "version"), install: "apt-get install golang, 1.25 or newer" };

/**
 * Path of an OpenTelemetry Collector with otlpreceiver, batchprocessor and the exporters otlp, otlphttp, kafka, debug
 * and nop. Built once from the Go modules of its authors: about two minutes on two idle cores, then kept.
 */
export async function collectorBinary(): Promise<string> {
  const folder = await goProgram("clients/collector", SOURCE, FILES);
  return join(folder, "program");
}

/** A folder of the cache that holds the program built from a small Go module, as `program`. */
export function goProgram(name: string, source: string, files: readonly string[]): Promise<string> {
  const key = files.map((file) => readFileSync(join(source, file), "utf8"));
  return cached(name, key, async (folder) => {
    for (const file of files) copyFileSync(join(source, file), join(folder, file));
    await command("nice", ["-n", "10", "go", "build", "-trimpath", "-ldflags=-s -w", "-o", "program", "."], { cwd: folder, env: { CGO_ENABLED: "0", GOWORK: "off", GOFLAGS: "-mod=readonly" } });
  });
}

export interface Collector {
  /** Base URL of the OTLP/HTTP receiver that feeds an exporter, by the exporter's name. */
  readonly urls: ReadonlyMap<string, string>;
  /** SIGTERM: what it holds is sent first. Throws when it said an error meanwhile, such as data that it dropped. */
  stop(): Promise<void>;
}

/** A Collector with one pipeline for each exporter (name → its configuration), each with a receiver of its own. */
export async function startCollector(exporters: Readonly<Record<string, object>>): Promise<Collector> {
  const binary = await collectorBinary();
  const folder = mkdtempSync(join(tmpdir(), "firstfix-collector-"));
  const names = Object.keys(exporters);
  const ports = new Map<string, number>();
  for (const name of names) ports.set(name, await freePort());
  const receivers = names.map((name, at) => [`otlp/${at}`, { protocols: { http: { endpoint: `127.0.0.1:${ports.get(name)}` } } }]);
  const pipelines = names.flatMap((name, at) => ["traces", "logs"].map((signal) => [`${signal}/${at}`, { receivers: [`otlp/${at}`], processors: ["batch"], exporters: [name] }]));
  const config = {
    receivers: Object.fromEntries(receivers) as object, processors: { batch: { timeout: "100ms" } }, exporters,
    service: { telemetry: { metrics: { level: "none" }, logs: { level: "warn", encoding: "json" } }, pipelines: Object.fromEntries(pipelines) as object },
  };
  const file = join(folder, "collector.yaml");
  writeFileSync(file, JSON.stringify(config));
  const child = spawn(binary, ["--config", `file:${file}`], { stdio: ["ignore", "pipe", "pipe"] });
  let words = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => void (words = (words + chunk.toString()).slice(-20_000)));
  let ended = false;
  const exit = new Promise<void>((resolve) => child.once("close", () => {
    ended = true;
    resolve();
  }));
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS_MAX);
    await exit;
    clearTimeout(timer);
    rmSync(folder, { recursive: true, force: true });
    if (child.exitCode !== 0 || /"level":"error"/.test(words)) throw new Error(`the Collector ended with ${child.signalCode ?? child.exitCode}:\n${words}`);
  };
  const deadline = Date.now() + START_MS_MAX;
  for (const port of ports.values()) {
    while (!(await listens(port))) {
      if (ended || Date.now() > deadline) {
        await stop().catch(() => undefined);
        throw new Error(`the Collector did not start:\n${words}`);
      }
      await sleep(50);
    }
  }
  return { urls: new Map(names.map((name) => [name, `http://127.0.0.1:${ports.get(name)}`])), stop };
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
