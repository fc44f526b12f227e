import { Agent, request as httpRequest } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { GrpcClient } from "./grpc.ts";
import type { Ledger } from "./ledger.ts";
import type { Request, Telemetry } from "./telemetry.ts";

export interface SenderOptions {
  /** Bases of OTLP/HTTP, or of OTLP/gRPC where `grpc` is set. Connections are spread over them, and a request that failed is tried at the next one. */
  readonly urls: readonly string[];
  readonly telemetry: Telemetry;
  readonly ledger: Ledger;
  readonly connections?: number;
  readonly grpc?: boolean;
  readonly recordsPerRequest?: number;
  /** Each connection waits so long after an answer, in milliseconds: load bounded in time is then bounded in count. */
  readonly pauseMs?: number;
  /** No more requests than this are made, however long the sender runs. */
  readonly requestsMax?: number;
  /** A client that has no answer by then hangs up, and sends the same bytes again. */
  readonly timeoutMs?: number | ((attempt: number) => number);
  /** Sends each request again after its acknowledgement, and every second one twice at the same time as well. */
  readonly twice?: boolean;
}

export interface PostOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

export interface Answer {
  readonly status: number;
  readonly body: Buffer;
  readonly retryAfterS: number;
}

/** OTLP: only these are tried again. */
const RETRYABLE = new Set([429, 502, 503, 504]);
const BACKOFF_MS = 50;
const BACKOFF_MS_MAX = 1000;
/** Every fourth request holds log records. */
const LOGS_EVERY = 4;

/**
 * A client as the protocol demands it: what was not acknowledged is sent again, the same bytes, with growing pauses,
 * until it is acknowledged, refused for good, or the client is stopped.
 */
export class Sender {
  readonly #options: SenderOptions;
  readonly #agent: Agent;
  readonly #grpc: GrpcClient | null;
  readonly #workers: Promise<void>[] = [];
  #stopped = false;
  #deadline = Infinity;
  #made = 0;
  /** Answers that no client may see while its data is good: anything but 2xx and what is to be tried again. */
  readonly wrong: string[] = [];

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#agent = new Agent({ keepAlive: true, maxSockets: Infinity });
    this.#grpc = options.grpc === true ? new GrpcClient() : null;
  }

  start(): void {
    const { connections = 8 } = this.#options;
    for (let index = 0; index < connections; index++) this.#workers.push(this.#work(index));
  }

  /** Makes nothing new; what is under way is tried for so long. */
  async stop(graceMs = 20_000): Promise<void> {
    this.#stopped = true;
    this.#deadline = Date.now() + graceMs;
    await Promise.all(this.#workers);
    this.#agent.destroy();
    this.#grpc?.close();
  }

  /** Until acknowledged (true), refused for good, or too late. */
  async deliver(request: Request, at = 0): Promise<boolean> {
    const { urls, ledger } = this.#options;
    ledger.sent(request);
    for (let attempt = 0; Date.now() < this.#deadline; attempt++) {
      const url = urls[(at + attempt) % urls.length] as string;
      const timeoutMs = this.#timeoutMs(attempt);
      const outcome = await (this.#grpc === null ? this.post(url, request, { timeoutMs }) : this.#grpc.post(url, request, timeoutMs));
      if (outcome.status >= 200 && outcome.status < 300) {
        if (outcome.body.length > 0) this.wrong.push(`partial success: ${outcome.body.toString("latin1")}`);
        ledger.acknowledge(request);
        return true;
      }
      ledger.refuse(outcome.status === 0 ? "connection" : String(outcome.status));
      if (outcome.status !== 0 && !RETRYABLE.has(outcome.status)) {
        this.wrong.push(`${outcome.status}: ${outcome.body.toString("latin1")}`);
        return false;
      }
      const backoff = Math.min(BACKOFF_MS * 2 ** Math.min(attempt, 10), BACKOFF_MS_MAX);
      await sleep(Math.max(backoff * (0.5 + Math.random()), outcome.retryAfterS * 1000));
    }
    return false;
  }

  /** One attempt over HTTP. Status 0 means that no answer came. */
  post(url: string, { signal, body }: Pick<Request, "signal" | "body">, { headers = {}, timeoutMs = this.#timeoutMs(0) }: PostOptions = {}): Promise<Answer> {
    const none = { status: 0, body: Buffer.alloc(0), retryAfterS: 0 };
    return new Promise((resolve) => {
      const outgoing = httpRequest(`${url}/v1/${signal}`, { method: "POST", agent: this.#agent, headers: { "content-type": "application/x-protobuf", "content-length": body.length, ...headers } }, (answer) => {
        const parts: Buffer[] = [];
        answer.on("data", (part: Buffer) => parts.push(part));
        answer.once("end", () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(parts), retryAfterS: Math.min(Number(answer.headers["retry-after"] ?? 0), 2) }));
        answer.once("error", () => resolve(none));
      });
      const late = setTimeout(() => outgoing.destroy(new Error("no answer")), timeoutMs);
      outgoing.once("close", () => {
        clearTimeout(late);
        resolve(none);
      });
      outgoing.once("error", () => resolve(none));
      outgoing.end(body);
    });
  }

  #timeoutMs(attempt: number): number {
    const { timeoutMs = 10_000 } = this.#options;
    return typeof timeoutMs === "number" ? timeoutMs : timeoutMs(attempt);
  }

  async #work(at: number): Promise<void> {
    const { telemetry, recordsPerRequest = 100, pauseMs = 20, twice = false, requestsMax = 2000 } = this.#options;
    while (!this.#stopped && this.#made < requestsMax) {
      this.#made += 1;
      const request = telemetry.make({ signal: this.#made % LOGS_EVERY === 0 ? "logs" : "traces", records: recordsPerRequest });
      if (twice) await Promise.all(this.#made % 2 === 0 ? [this.deliver(request, at), this.deliver(request, at + 1)] : [this.deliver(request, at)]);
      else await this.deliver(request, at);
      if (twice) await this.deliver(request, at + 1);
      await sleep(pauseMs);
    }
  }
}
