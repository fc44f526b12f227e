import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { access, constants, stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { createServer } from "node:net";
import { promisify } from "node:util";
import { FirstfixError, messageOf, type Config } from "@firstfix/kit";
import { checkDataPath, checkFileSystem, lockHolder } from "@firstfix/store";
import type { Role } from "../../../roles.ts";
import { WEB_ROOT } from "../paths.ts";
import { says, type Finding } from "./finding.ts";

const run = promisify(execFile);
const machine = says("machine");
const data = says("data");
const ports = says("ports");

const COMMAND_MS = 10_000;
/** Below this the engine may stop amid a merge. */
const FREE_BYTES_MIN = 1024 ** 3;
const ADMIN_MS = 1_000;

/** What the roles need of this machine. */
export function checkMachine(config: Config, roles: readonly Role[]): Promise<Finding>[] {
  const is = (role: Role): boolean => roles.includes(role);
  const holdsData = (config.store.url === "" && roles.some((role) => role !== "ingest")) || config.bus.kind === "memory";
  const running = isRunning(config);
  return [
    node(),
    ...(is("correlator") || is("fixer") ? [git()] : []),
    ...(is("fixer") ? [sandbox(config)] : []),
    ...(is("console") ? [web()] : []),
    ...(holdsData ? [folder(config)] : []),
    ...(is("ingest") ? [port("OTLP/HTTP", "ingest.port", config.ingest, running), port("OTLP/gRPC", "ingest.grpcPort", { host: config.ingest.host, port: config.ingest.grpcPort }, running)] : []),
    ...(is("console") ? [port("console", "console.port", config.console, running)] : []),
    port("health and metrics", "admin.port", config.admin, running),
  ];
}

async function node(): Promise<Finding> {
  const major = Number(process.versions.node.split(".")[0]);
  return major >= 24 ? machine.ok(`Node ${process.versions.node}`) : machine.problem(`Node ${process.versions.node} is too old`, "npm ci brings a current one; start with npx firstfix.");
}

async function git(): Promise<Finding> {
  try {
    const { stdout } = await run("git", ["--version"], { timeout: COMMAND_MS });
    return machine.ok(stdout.trim());
  } catch {
    return machine.problem("git was not found", "apt-get install git");
  }
}

async function sandbox(config: Config): Promise<Finding> {
  if (!config.fixer.enabled) return machine.ok("the fixer is off");
  if (config.fixer.sandbox === "none") return machine.warning("the fixer runs code of repositories without a sandbox", "Set fixer.sandbox: bubblewrap unless all that code is trusted.");
  try {
    await run("bwrap", ["--unshare-all", "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "true"], { timeout: COMMAND_MS });
    return machine.ok("bubblewrap starts a sandbox");
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
    return missing
      ? machine.warning("bubblewrap was not found: no fix can be verified", "apt-get install bubblewrap")
      : machine.warning(`bubblewrap cannot start a sandbox: ${messageOf(error).split("\n").at(-2) ?? messageOf(error)}`, "Allow unprivileged user namespaces (sysctl kernel.unprivileged_userns_clone=1).");
  }
}

async function web(): Promise<Finding> {
  return existsSync(`${WEB_ROOT}/index.html`) ? machine.ok("the console is built") : machine.warning("the console is not built", "npm run build:web");
}

async function folder(config: Config): Promise<Finding> {
  const path = config.data;
  try {
    checkDataPath(path);
    await checkFileSystem(path);
  } catch (error) {
    return data.problem(messageOf(error), error instanceof FirstfixError && error.hint !== undefined ? error.hint : "Set data: to another folder.");
  }
  try {
    const holder = await lockHolder(path);
    if (holder !== null) return data.warning(`data folder ${path} is in use by process ${holder} (a running Firstfix?)`, "Stop it, or set data: to another folder.");
    let nearest = path;
    // Ends: the root exists.
    while (!existsSync(nearest)) nearest = dirname(nearest);
    if (!(await stat(nearest)).isDirectory()) return data.problem(`data folder ${path}: ${nearest} is a file`, "Set data: to a folder.");
    await access(nearest, constants.W_OK);
    const { bavail, bsize } = await statfs(nearest);
    const free = bavail * bsize;
    if (free < FREE_BYTES_MIN) return data.warning(`data folder ${path} has ${Math.floor(free / 1024 ** 2)} MiB free`, "Make room; when the disk is full, senders get 503 and nothing is stored.");
    return data.ok(`data folder ${path}${nearest === path ? "" : " will be created"}, ${Math.floor(free / 1024 ** 3)} GiB free`);
  } catch (error) {
    return data.problem(`data folder ${path} cannot be written: ${messageOf(error)}`, "Set data: to a folder that this user may write.");
  }
}

async function port(name: string, key: string, at: { readonly host: string; readonly port: number }, running: Promise<boolean>): Promise<Finding> {
  if (at.port === 0) return ports.ok(`${name} takes a free port`);
  const error = await new Promise<NodeJS.ErrnoException | null>((resolve) => {
    const server = createServer();
    server.once("error", resolve);
    server.listen(at.port, at.host, () => server.close(() => resolve(null)));
  });
  const what = `${name} port ${at.host}:${at.port}`;
  if (error === null) return ports.ok(`${what} is free`);
  if (error.code === "EADDRINUSE" && (await running)) return ports.ok(`${what} is in use, and a Firstfix of this configuration runs`);
  return ports.problem(`${what}: ${error.code === "EADDRINUSE" ? "in use by another program" : error.message}`, `Stop what uses it, or set ${key}.`);
}

/** Whether the admin address answers as a Firstfix does: then the ports are in use by what they are meant for. */
async function isRunning({ admin }: Config): Promise<boolean> {
  if (admin.port === 0) return false;
  const answer = await fetch(`http://${admin.host.includes(":") ? `[${admin.host}]` : admin.host}:${admin.port}/metrics`, { signal: AbortSignal.timeout(ADMIN_MS) }).catch(() => null);
  return answer !== null && answer.ok && (await answer.text().catch(() => "")).includes("firstfix_");
}
