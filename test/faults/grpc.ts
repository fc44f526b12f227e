import { connect, type ClientHttp2Session, type IncomingHttpHeaders } from "node:http2";
import type { Answer } from "./sender.ts";
import type { Request } from "./telemetry.ts";

const PATHS = {
  traces: "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
  logs: "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
} as const;

/** Codes that OTLP says to try again; RESOURCE_EXHAUSTED only where the server says when. */
const RETRYABLE = new Set([1, 4, 10, 11, 14, 15]);
const RESOURCE_EXHAUSTED = 8;

/**
 * OTLP over gRPC by hand: one HTTP/2 stream a request, a message is 0, its length in four bytes, and its bytes. The
 * outcome is told as HTTP would: 200, 503 for what is to be tried again, 400 for the rest, 0 when no answer came.
 */
export class GrpcClient {
  readonly #sessions = new Map<string, ClientHttp2Session>();

  post(url: string, { signal, body }: Pick<Request, "signal" | "body">, timeoutMs: number): Promise<Answer> {
    const none: Answer = { status: 0, body: Buffer.alloc(0), retryAfterS: 0 };
    return new Promise((resolve) => {
      const stream = this.#session(url).request({ ":method": "POST", ":path": PATHS[signal], "content-type": "application/grpc", te: "trailers" });
      const parts: Buffer[] = [];
      let trailers: IncomingHttpHeaders = {};
      const late = setTimeout(() => stream.close(), timeoutMs);
      stream.on("data", (part: Buffer) => parts.push(part));
      // Without a message the status may come in the headers at once.
      stream.on("response", (headers) => (trailers = headers["grpc-status"] === undefined ? trailers : headers));
      stream.on("trailers", (headers) => (trailers = headers));
      stream.on("error", () => {});
      stream.once("close", () => {
        clearTimeout(late);
        const status = trailers["grpc-status"];
        resolve(status === undefined ? none : answerOf(Number(status), trailers, Buffer.concat(parts)));
      });
      const head = Buffer.alloc(5);
      head.writeUInt32BE(body.length, 1);
      stream.end(Buffer.concat([head, body]));
    });
  }

  close(): void {
    for (const session of this.#sessions.values()) session.destroy();
    this.#sessions.clear();
  }

  #session(url: string): ClientHttp2Session {
    const known = this.#sessions.get(url);
    if (known !== undefined && !known.closed && !known.destroyed) return known;
    const session = connect(url);
    session.on("error", () => session.destroy());
    this.#sessions.set(url, session);
    return session;
  }
}

function answerOf(code: number, trailers: IncomingHttpHeaders, message: Buffer): Answer {
  if (code === 0) return { status: 200, body: message.subarray(5), retryAfterS: 0 };
  const again = RETRYABLE.has(code) || (code === RESOURCE_EXHAUSTED && trailers["grpc-status-details-bin"] !== undefined);
  return { status: again ? 503 : 400, body: Buffer.from(`grpc-status ${code}: ${String(trailers["grpc-message"])}`), retryAfterS: 0 };
}
