import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { access, constants } from "node:fs/promises";
import { createServer } from "node:net";
import { promisify } from "node:util";
import { loadConfig, messageOf, type Config } from "@firstfix/kit";
import { checkDataPath, lockHolder } from "@firstfix/store";
import { WEB_ROOT, configFile } from "../paths.ts";

const run = promisify(execFile);

interface Finding {
  readonly state: "ok" | "warning" | "problem";
  readonly what: string;
  readonly hint?: string;
}

/** Prints one line per check, a hint under each that failed, and exits 1 when something would keep Firstfix from running. */
export async function doctor(options: { readonly config?: string }): Promise<void> {
  const config = loadConfig(configFile(options.config), process.env);
  const findings = (await Promise.all([node(), git(), sandbox(config), dataFolder(config), port("telemetry", config.ingest), port("console", config.console), web(), ...config.repositories.map((one) => repository(one.url, one.path))])).flat();
  const marks = { ok: "ok     ", warning: "warning", problem: "PROBLEM" };
  for (const one of findings) {
    console.log(`${marks[one.state]}  ${one.what}`);
    if (one.hint !== undefined) console.log(`         hint: ${one.hint}`);
  }
  if (config.repositories.length === 0) console.log("warning  no repository is configured: incidents will have no suspects\n         hint: name one under repositories: in firstfix.yaml");
  if (findings.some((one) => one.state === "problem")) process.exitCode = 1;
}

async function node(): Promise<Finding> {
  const major = Number(process.versions.node.split(".")[0]);
  return major >= 24 ? { state: "ok", what: `Node ${process.versions.node}` } : { state: "problem", what: `Node ${process.versions.node} is too old`, hint: "npm ci brings a current one; start with npx firstfix." };
}

async function git(): Promise<Finding> {
  try {
    const { stdout } = await run("git", ["--version"]);
    return { state: "ok", what: stdout.trim() };
  } catch {
    return { state: "problem", what: "git was not found", hint: "apt-get install git" };
  }
}

async function sandbox(config: Config): Promise<Finding> {
  if (!config.fixer.enabled) return { state: "ok", what: "the fixer is off" };
  if (config.fixer.sandbox === "none") return { state: "warning", what: "the fixer runs code of repositories without a sandbox", hint: "Set fixer.sandbox: bubblewrap unless all that code is trusted." };
  try {
    await run("bwrap", ["--unshare-all", "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "true"], { timeout: 10_000 });
    return { state: "ok", what: "bubblewrap starts a sandbox" };
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
    return missing
      ? { state: "warning", what: "bubblewrap was not found: no fix can be verified", hint: "apt-get install bubblewrap" }
      : { state: "warning", what: `bubblewrap cannot start a sandbox: ${messageOf(error).split("\n").at(-2) ?? messageOf(error)}`, hint: "Allow unprivileged user namespaces (sysctl kernel.unprivileged_userns_clone=1)." };
  }
}

async function dataFolder(config: Config): Promise<Finding> {
  try {
    checkDataPath(config.data);
    const holder = await lockHolder(config.data);
    if (holder !== null) return { state: "warning", what: `data folder ${config.data} is in use by process ${holder} (a running Firstfix?)`, hint: "Stop it, or set data: to another folder." };
    if (!existsSync(config.data)) return { state: "ok", what: `data folder ${config.data} will be created` };
    await access(config.data, constants.W_OK);
    return { state: "ok", what: `data folder ${config.data}` };
  } catch (error) {
    return { state: "problem", what: `data folder ${config.data} cannot be written: ${messageOf(error)}`, hint: "Set data: to a folder that this user may write." };
  }
}

async function port(name: string, at: { readonly host: string; readonly port: number }): Promise<Finding> {
  if (at.port === 0) return { state: "ok", what: `${name} takes a free port` };
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve({ state: "warning", what: `${name} port ${at.host}:${at.port}: ${error.code === "EADDRINUSE" ? "in use (by a running Firstfix?)" : error.message}`, hint: `Stop what uses it, or set ${name === "console" ? "console" : "ingest"}.port.` }));
    server.listen(at.port, at.host, () => server.close(() => resolve({ state: "ok", what: `${name} port ${at.host}:${at.port} is free` })));
  });
}

async function web(): Promise<Finding> {
  return existsSync(`${WEB_ROOT}/index.html`) ? { state: "ok", what: "the console is built" } : { state: "warning", what: "the console is not built", hint: "npm run build:web" };
}

async function repository(url: string, path: string): Promise<Finding> {
  try {
    const { stdout } = await run("git", ["-C", path, "rev-parse", "--is-shallow-repository"], { timeout: 10_000 });
    return stdout.trim() === "true" ? { state: "warning", what: `repository ${url} at ${path} is shallow`, hint: `git -C ${path} fetch --unshallow` } : { state: "ok", what: `repository ${url} at ${path}` };
  } catch (error) {
    return { state: "problem", what: `repository ${url} cannot be read at ${path}: ${messageOf(error).split("\n").find((line) => line.startsWith("fatal:")) ?? messageOf(error)}`, hint: "Set repositories[].path to a full local clone." };
  }
}
