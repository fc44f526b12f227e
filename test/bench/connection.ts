import { connect, type Socket } from "node:net";

export interface Answer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
  readonly since: number;
}

const ANSWER_BYTES_MAX = 1024 * 1024;
const CHECK_MS = 1000;

/**
 * One HTTP/1.1 connection that is kept alive, for load that must cost its sender little: requests go out as they were
 * written down, several may be under way, and answers come in their order. Rejects all that is under way when the
 * connection ends or an answer takes longer than `timeoutMs`.
 */
export class Connection {
  readonly #socket: Socket;
  readonly #waiting: Waiting[] = [];
  readonly #watch: NodeJS.Timeout;
  #read: Buffer = Buffer.alloc(0);
  #ended: Error | null = null;

  private constructor(socket: Socket, timeoutMs: number) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
    socket.on("error", (error) => this.#end(error));
    socket.on("close", () => this.#end(new Error("the connection was closed")));
    this.#watch = setInterval(() => {
      const [first] = this.#waiting;
      if (first !== undefined && performance.now() - first.since > timeoutMs) this.#end(new Error(`no answer within ${timeoutMs} ms`));
    }, CHECK_MS);
  }

  static open(port: number, timeoutMs: number): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, "127.0.0.1");
      socket.once("error", reject);
      socket.once("connect", () => {
        socket.off("error", reject);
        resolve(new Connection(socket, timeoutMs));
      });
    });
  }

  get open(): boolean {
    return this.#ended === null;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** `bytes` is one whole request, headers and body. */
  send(...bytes: readonly Uint8Array[]): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== null) return reject(this.#ended);
      this.#waiting.push({ resolve, reject, since: performance.now() });
      this.#socket.cork();
      for (const part of bytes) this.#socket.write(part);
      this.#socket.uncork();
    });
  }

  close(): void {
    this.#end(new Error("closed"));
  }

  #end(error: Error): void {
    if (this.#ended !== null) return;
    this.#ended = error;
    clearInterval(this.#watch);
    this.#socket.destroy();
    for (const one of this.#waiting.splice(0)) one.reject(error);
  }

  #take(chunk: Buffer): void {
    this.#read = this.#read.length === 0 ? chunk : Buffer.concat([this.#read, chunk]);
    for (;;) {
      const taken = parse(this.#read);
      if (taken === null) break;
      this.#read = this.#read.subarray(taken.length);
      if (taken.answer.status !== 100) this.#waiting.shift()?.resolve(taken.answer);
    }
    if (this.#read.length > ANSWER_BYTES_MAX) this.#end(new Error("an answer that does not end"));
  }
}

/** The head of a request; the body follows. */
export function head(path: string, length: number, headers: Readonly<Record<string, string>>): Buffer {
  const lines = Object.entries({ host: "127.0.0.1", "content-length": String(length), ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join("")}\r\n`, "latin1");
}

/** The first answer in `bytes`, null while it is not whole. */
function parse(bytes: Buffer): { readonly answer: Answer; readonly length: number } | null {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return null;
  const [first = "", ...lines] = bytes.toString("latin1", 0, end).split("\r\n");
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(first)?.[1] ?? NaN);
  const headers = new Map(lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]));
  const start = end + 4;
  if (headers.get("transfer-encoding") === "chunked") return chunked(bytes, start, status, headers);
  const length = status === 100 || status === 204 ? 0 : Number(headers.get("content-length") ?? 0);
  if (bytes.length < start + length) return null;
  return { answer: { status, headers, body: bytes.subarray(start, start + length) }, length: start + length };
}

function chunked(bytes: Buffer, start: number, status: number, headers: Map<string, string>): { readonly answer: Answer; readonly length: number } | null {
  const parts: Buffer[] = [];
  for (let at = start; ; ) {
    const line = bytes.indexOf("\r\n", at);
    if (line < 0) return null;
    const size = Number.parseInt(bytes.toString("latin1", at, line), 16);
    const from = line + 2;
    if (bytes.length < from + size + 2) return null;
    if (size === 0) return { answer: { status, headers, body: Buffer.concat(parts) }, length: from + 2 };
    parts.push(bytes.subarray(from, from + size));
    at = from + size + 2;
  }
}
