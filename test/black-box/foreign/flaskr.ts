import { execFileSync, spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Flask's own published tutorial application (flaskr, from Flask's source distribution), run with the plain OpenTelemetry
 * SDK for Python: nobody of Firstfix wrote it, and nothing of Firstfix is in it.
 */
const FLASK = "flask==3.1.3";
const PACKAGES = [FLASK, "opentelemetry-distro", "opentelemetry-exporter-otlp-proto-http", "opentelemetry-instrumentation-flask"];
const HOME = join(process.cwd(), ".firstfix", "python");
const SITE = join(HOME, "site");

/** Installs Flask, OpenTelemetry and the tutorial's source once. Throws with pip's words when it cannot. */
export function installFlaskr(): void {
  const done = join(HOME, "done");
  if (existsSync(done)) return;
  rmSync(HOME, { recursive: true, force: true });
  mkdirSync(HOME, { recursive: true });
  const pip = (...args: string[]): void => {
    execFileSync("python3", ["-m", "pip", "--quiet", "--disable-pip-version-check", ...args], { stdio: ["ignore", "ignore", "pipe"], timeout: 240_000 });
  };
  pip("install", "--target", SITE, ...PACKAGES);
  pip("download", "--no-deps", "--no-binary", "flask", "--dest", HOME, FLASK);
  const archive = readdirSync(HOME).find((name) => name.endsWith(".tar.gz"));
  if (archive === undefined) throw new Error("pip downloaded no source distribution of Flask");
  execFileSync("tar", ["-xzf", join(HOME, archive), "-C", HOME, "--strip-components=2", `${archive.replace(".tar.gz", "")}/examples/tutorial`]);
  writeFileSync(done, "");
}

export interface FlaskrHistory {
  readonly repository: string;
  readonly baseline: string;
  readonly faulty: string;
  readonly guilty: string;
}

/** A history in which an assistant adds a line to the index page that fails while there is no post. */
export function layFlaskrHistory(): FlaskrHistory {
  const repository = mkdtempSync(join(tmpdir(), "flaskr-"));
  cpSync(join(HOME, "tutorial"), repository, { recursive: true });
  const git = (...args: string[]): string =>
    execFileSync("git", ["-C", repository, "-c", "user.name=Flaskr Developer", "-c", "user.email=dev@flaskr.example", "-c", "commit.gpgsign=false", ...args], { encoding: "utf8" }).trim();
  const commit = (message: string): string => {
    git("add", "--all");
    git("commit", "--quiet", "--message", message);
    return git("rev-parse", "HEAD");
  };
  const edit = (path: string, from: string, to: string): void => {
    const file = join(repository, path);
    const text = readFileSync(file, "utf8");
    if (!text.includes(from)) throw new Error(`${path} of the tutorial does not hold: ${from}`);
    writeFileSync(file, text.replace(from, to));
  };
  git("init", "--quiet", "--initial-branch=main");
  const baseline = commit("Import the tutorial application");
  edit("flaskr/auth.py", "Register a new user.", "Register a new user, once.");
  commit("Say that a user registers once");
  edit("flaskr/blog.py", '    return render_template("blog/index.html", posts=posts)', '    newest = posts[0]["created"]\n    return render_template("blog/index.html", posts=posts, newest=newest)');
  const guilty = commit("Show when the newest post was written\n\nCo-Authored-By: Claude <noreply@anthropic.com>");
  edit("README.rst", "Flaskr", "Flaskr, the blog");
  const faulty = commit("Name the blog in the README");
  return { repository, baseline, faulty, guilty };
}

export interface RunningFlaskr {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts flaskr at a revision under `opentelemetry-instrument`, tagged by environment variables alone. */
export async function startFlaskr(options: { readonly history: FlaskrHistory; readonly revision: string; readonly port: number; readonly otlpUrl: string; readonly repositoryUrl: string }): Promise<RunningFlaskr> {
  const folder = mkdtempSync(join(tmpdir(), "flaskr-run-"));
  execFileSync("git", ["clone", "--quiet", options.history.repository, folder]);
  execFileSync("git", ["-C", folder, "checkout", "--quiet", "--detach", options.revision]);
  const env = {
    PATH: process.env["PATH"],
    HOME: folder,
    PYTHONPATH: `${SITE}:${folder}`,
    OTEL_SERVICE_NAME: "flaskr",
    OTEL_TRACES_EXPORTER: "otlp",
    OTEL_METRICS_EXPORTER: "none",
    OTEL_LOGS_EXPORTER: "none",
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
    OTEL_EXPORTER_OTLP_ENDPOINT: options.otlpUrl,
    OTEL_BSP_SCHEDULE_DELAY: "300",
    OTEL_RESOURCE_ATTRIBUTES: `deployment.environment.name=production,vcs.ref.head.revision=${options.revision},vcs.repository.url.full=${options.repositoryUrl}`,
  };
  const python = (...args: string[]): string[] => ["-m", "flask", "--app", "flaskr", ...args];
  execFileSync("python3", python("init-db"), { cwd: folder, env, stdio: "ignore" });
  const child = spawn("python3", [join(SITE, "bin", "opentelemetry-instrument"), "python3", ...python("run", "--port", String(options.port))], { cwd: folder, env, stdio: "ignore", detached: true });
  const url = `http://127.0.0.1:${options.port}`;
  const deadline = Date.now() + 30_000;
  while ((await fetch(`${url}/auth/login`).catch(() => null)) === null) {
    if (Date.now() > deadline) throw new Error("flaskr did not start");
    await sleep(200);
  }
  return {
    url,
    stop: async () => {
      const exit = new Promise((resolve) => child.once("exit", resolve));
      // opentelemetry-instrument replaces itself by python; the group holds whatever it started.
      if (child.pid !== undefined) process.kill(-child.pid, "SIGINT");
      await Promise.race([exit, sleep(5000, undefined, { ref: false })]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
