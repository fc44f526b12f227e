import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

export interface App {
  readonly url: string;
  readonly process: ChildProcess;
  /** What it wrote to stderr so far. */
  stderr(): string;
  stdout(): string;
  /** Sends the signal and tells how the process ended. */
  stop(signal?: NodeJS.Signals): Promise<Ended>;
  readonly ended: Promise<Ended>;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
}

/** Starts one of the small applications with the SDK and waits until it listens. */
export async function startApp(name: string, receiver: string, env: Record<string, string> = {}): Promise<App> {
  const child = spawn(process.execPath, ["--import", fileURLToPath(new URL("../register.ts", import.meta.url)), fileURLToPath(new URL(`./apps/${name}`, import.meta.url))], {
    cwd: fileURLToPath(new URL(".", import.meta.url)),
    env: {
      PATH: process.env["PATH"],
      PORT: "0",
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_BSP_SCHEDULE_DELAY: "50",
      OTEL_NODE_RESOURCE_DETECTORS: "env",
      ...env,
    },
  });
  let stderr = "";
  let stdout = "";
  child.stderr.on("data", (chunk: Buffer) => { stderr += chunk.toString("utf8"); });
  const ended = new Promise<Ended>((resolve) => child.on("exit", (code, signal) => { resolve({ code, signal }); }));
  const port = await new Promise<string>((resolve, reject) => {
    child.stdout.on("data", (chunk: Buffer) => {
      stdout += chunk.toString("utf8");
      const match = /listening (\d+)/.exec(stdout);
      if (match?.[1] !== undefined) resolve(match[1]);
    });
    void ended.then(() => { reject(new Error(`${name} ended before it listened: ${stderr}`)); });
  });
  return {
    url: `http://127.0.0.1:${port}`,
    process: child,
    stderr: () => stderr,
    stdout: () => stdout,
    stop: (signal = "SIGTERM") => {
      child.kill(signal);
      return ended;
    },
    ended,
  };
}
