import { execFileSync, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

export interface GitServerOptions {
  /** Folder whose repositories are served. */
  readonly root: string;
  /** Without it, everybody may read and write. */
  readonly password?: string;
  /** Requests are sent on to this origin. */
  readonly redirectTo?: string;
}

/** Git's own smart HTTP (git http-backend) behind a small server on loopback that asks for a password, for tests. */
export class GitServer {
  readonly #server: Server;
  readonly #options: GitServerOptions;
  /** Authorization headers that came, and command lines that held the password while a request ran. */
  readonly authorizations: string[] = [];
  readonly leaks: string[] = [];

  constructor(options: GitServerOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => {
      const { root, password, redirectTo } = this.#options;
      const given = request.headers.authorization;
      if (given !== undefined) this.authorizations.push(given);
      if (redirectTo !== undefined) {
        response.writeHead(301, { location: `${redirectTo}${request.url ?? ""}` }).end();
        return;
      }
      if (password !== undefined) {
        this.leaks.push(...commandLines().filter((line) => line.includes(password)));
        if (given === undefined || Buffer.from(given.replace(/^Basic /, ""), "base64").toString("utf8").split(":")[1] !== password) {
          response.writeHead(401, { "www-authenticate": 'Basic realm="git"' }).end();
          return;
        }
      }
      const url = new URL(request.url ?? "/", "http://x");
      const backend = spawn(join(execFileSync("git", ["--exec-path"], { encoding: "utf8" }).trim(), "git-http-backend"), [], {
        env: {
          // oxlint-disable-next-line node/no-process-env -- git is found where the developer's shell finds it
          PATH: process.env["PATH"] ?? "",
          GIT_PROJECT_ROOT: root,
          GIT_HTTP_EXPORT_ALL: "1",
          GIT_CONFIG_GLOBAL: "/dev/null",
          GIT_PROTOCOL: String(request.headers["git-protocol"] ?? ""),
          PATH_INFO: url.pathname,
          QUERY_STRING: url.search.slice(1),
          REQUEST_METHOD: request.method ?? "GET",
          CONTENT_TYPE: request.headers["content-type"] ?? "",
          HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
          REMOTE_USER: "tester",
          REMOTE_ADDR: "127.0.0.1",
        },
      });
      request.pipe(backend.stdin);
      backend.stdin.on("error", () => {});
      const chunks: Buffer[] = [];
      backend.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
      backend.on("close", () => {
        const all = Buffer.concat(chunks);
        const end = all.indexOf("\r\n\r\n");
        const headers = Object.fromEntries(all.subarray(0, end).toString("latin1").split("\r\n").map((line) => line.split(/:\s*/, 2) as [string, string]));
        const status = Number((headers["Status"] ?? "200").split(" ")[0]);
        delete headers["Status"];
        response.writeHead(status, headers).end(all.subarray(end + 4));
      });
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** What everybody on the machine can see of every process; nothing where the system does not show it. */
function commandLines(): string[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ");
    } catch {
      return "";
    }
  });
}
