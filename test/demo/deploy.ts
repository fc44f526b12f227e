import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { openSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../harness/ports.ts";

const READY_TIMEOUT_MS = 30_000;

/** One running revision of the shop. */
export interface Deployment {
  readonly revision: string;
  readonly baseUrl: string;
  stop(): Promise<void>;
}

export interface DeployOptions {
  readonly repository: string;
  /** What the clone calls its origin, as a real checkout would. */
  readonly repositoryUrl: string;
  readonly revision: string;
  readonly folder: string;
  readonly nodeModules: string;
  readonly otlpUrl: string;
}

/** Deploys as a team would: a clone at the revision, its dependencies, and the service's start command. */
export async function deploy(options: DeployOptions): Promise<Deployment> {
  const checkout = join(options.folder, `deploy-${options.revision.slice(0, 10)}`);
  git(["clone", "--quiet", "--no-checkout", options.repository, checkout]);
  git(["-C", checkout, "checkout", "--quiet", "--detach", options.revision]);
  git(["-C", checkout, "remote", "set-url", "origin", options.repositoryUrl]);
  symlinkSync(options.nodeModules, join(checkout, "node_modules"));
  const port = await freePort();
  const log = openSync(join(options.folder, "shop.log"), "a");
  const child = spawn(process.execPath, ["--import", "@firstfix/sdk/register", "src/server.js"], {
    cwd: checkout,
    stdio: ["ignore", log, log],
    env: {
      PATH: process.env["PATH"],
      PORT: String(port),
      OTEL_SERVICE_NAME: "shop",
      OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=production",
      OTEL_EXPORTER_OTLP_ENDPOINT: options.otlpUrl,
      OTEL_BSP_SCHEDULE_DELAY: "500",
    },
  });
  const exit = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const baseUrl = `http://127.0.0.1:${port}`;
  await ready(child, baseUrl);
  return {
    revision: options.revision,
    baseUrl,
    stop: async () => {
      child.kill("SIGTERM");
      await Promise.race([exit, sleep(10_000, undefined, { ref: false })]);
      child.kill("SIGKILL");
    },
  };
}

/** Runs git quietly and returns what it printed. */
export function git(args: readonly string[]): string {
  return execFileSync("git", args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
}

/** Merges fix branches into main as a person would, and returns the new revision. */
export function mergeFixes(options: { readonly repository: string; readonly folder: string; readonly branches: readonly string[] }): string {
  const clone = join(options.folder, `merge-${options.branches.length}-${Date.now()}`);
  git(["clone", "--quiet", "--branch", "main", options.repository, clone]);
  const identity = ["-c", "user.name=Shop Release", "-c", "user.email=release@shop.example", "-c", "commit.gpgsign=false"];
  for (const branch of options.branches) git(["-C", clone, ...identity, "merge", "--quiet", "--no-ff", "-m", `Merge ${branch}`, `origin/${branch}`]);
  git(["-C", clone, "push", "--quiet", "origin", "HEAD:main"]);
  return git(["-C", clone, "rev-parse", "HEAD"]);
}

async function ready(child: ChildProcess, baseUrl: string): Promise<void> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`the shop ended with exit code ${child.exitCode}; see shop.log`);
    const answer = await fetch(`${baseUrl}/healthz`, { signal: AbortSignal.timeout(1000) }).catch(() => null);
    if (answer?.ok === true) return;
    await sleep(100);
  }
  throw new Error("the shop did not become ready; see shop.log");
}
