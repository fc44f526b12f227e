import { connect, type ClientHttp2Session } from "node:http2";
import { Connection, head, type Answer } from "../bench/connection.ts";
import type { Case } from "./cases.ts";
import { shortLength, type Reply } from "./meaning.ts";

/** An answer must come by then, also from a product that is busy with everything else. */
export const ANSWER_MS_MAX = 20_000;
/** What follows a request that ends its connection is sent again; alone, after so many times. */
const SHARED_ATTEMPTS = 2;
const ATTEMPTS_MAX = 6;
/** A sender that lies about its length hangs up after this. */
const LIE_MS = 300;

export type Outcome = Reply | { readonly status: "hung up" };

/** Sends cases over connections that are kept alive, with several under way on each. */
export class Client {
  readonly #ports: { readonly http: number; readonly grpc: number };
  #connection: Promise<Connection> | null = null;
  #session: ClientHttp2Session | null = null;

  constructor(ports: { readonly http: number; readonly grpc: number }) {
    this.#ports = ports;
  }

  /** The answer. Throws where none comes: that is what must never be. */
  async send(one: Case): Promise<Outcome> {
    if (breaksConnection(one)) return this.#lie(one);
    for (let attempt = 0; ; attempt++) {
      try {
        if (one.transport === "grpc") return await this.#grpc(one);
        const connection = attempt < SHARED_ATTEMPTS ? await this.#shared() : await Connection.open(this.#ports.http, ANSWER_MS_MAX);
        const answer = await connection.send(...written(one));
        if (attempt >= SHARED_ATTEMPTS) connection.close();
        return reply(answer);
      } catch (error) {
        if (attempt >= ATTEMPTS_MAX) throw error;
      }
    }
  }

  close(): void {
    void this.#connection?.then((connection) => connection.close(), () => undefined);
    this.#session?.destroy();
  }

  async #shared(): Promise<Connection> {
    const current = this.#connection;
    const connection = await current?.catch(() => null);
    if (connection?.open === true) return connection;
    // Several that find it closed open one together.
    if (this.#connection === current) this.#connection = Connection.open(this.#ports.http, ANSWER_MS_MAX);
    return this.#connection as Promise<Connection>;
  }

  /**
   * On a connection of its own: who lies may be hung up on, and hangs up. Node answers at once what it cannot parse, so
   * before what it still works on; on a shared connection that answer would be taken for another's.
   */
  async #lie(one: Case): Promise<Outcome> {
    const connection = await Connection.open(this.#ports.http, ANSWER_MS_MAX);
    const answer = connection.send(...written(one)).then(reply, (): Outcome => ({ status: "hung up" }));
    const late = setTimeout(() => connection.close(), LIE_MS);
    const outcome = await answer;
    clearTimeout(late);
    connection.close();
    return outcome;
  }

  #grpc(one: Case): Promise<Reply> {
    if (this.#session === null || this.#session.destroyed || this.#session.closed) {
      this.#session = connect(`http://127.0.0.1:${this.#ports.grpc}`);
      this.#session.on("error", () => undefined);
    }
    const session = this.#session;
    return new Promise((resolve, reject) => {
      const stream = session.request({ ":method": "POST", ":path": one.path, ...one.headers });
      const parts: Buffer[] = [];
      let status = NaN;
      let http = 0;
      stream.setTimeout(ANSWER_MS_MAX, () => stream.destroy(new Error("no answer")));
      stream.on("response", (headers) => {
        http = Number(headers[":status"]);
        if (headers["grpc-status"] !== undefined) status = Number(headers["grpc-status"]);
      });
      stream.on("trailers", (headers) => (status = Number(headers["grpc-status"])));
      stream.on("data", (part: Buffer) => parts.push(part));
      stream.on("error", reject);
      stream.on("close", () => {
        const body = Buffer.concat(parts);
        if (!Number.isNaN(status)) resolve({ status: httpStatus(status), contentType: "application/grpc", body });
        else if (http >= 400) resolve({ status: http, contentType: "", body });
        else reject(new Error("a call without a status"));
      });
      stream.end(one.body);
    });
  }
}

/** gRPC's codes as HTTP's, so that one rule judges both. */
function httpStatus(grpc: number): number {
  if (grpc === 0) return 200;
  if (grpc === 14) return 503;
  return grpc === 2 || grpc === 13 || grpc === 15 ? 500 : 400;
}

function breaksConnection({ framing, path }: Case): boolean {
  return framing === "short" || framing === "long" || framing === "brokenChunks" || /[^\x21-\x7e]/.test(path);
}

function written(one: Case): Uint8Array[] {
  const { framing, body, headers, path } = one;
  if (framing === "plain") return [head(path, body.length, headers), body];
  if (framing === "short") return [head(path, shortLength(one), headers), body];
  if (framing === "long") return [head(path, body.length + 100, headers), body];
  const start = Buffer.from(`POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\ntransfer-encoding: chunked\r\n${Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`, "latin1");
  const size = framing === "chunked" ? body.length.toString(16) : "zz";
  return body.length === 0 && framing === "chunked" ? [start, Buffer.from("0\r\n\r\n")] : [start, Buffer.from(`${size}\r\n`), body, Buffer.from("\r\n0\r\n\r\n")];
}

function reply({ status, headers, body }: Answer): Reply {
  return { status, contentType: headers.get("content-type") ?? "", body };
}
