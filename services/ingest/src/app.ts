import { TOPICS, type Bus } from "@firstfix/bus";
import { FirstfixError, messageOf, type Config, type Logger } from "@firstfix/kit";
import { encodeSuccess, jsonToProtobuf, walkLimits, walkRequest, type Encoding, type Signal } from "@firstfix/otlp";
import { Hono } from "hono";
import { answer, encodingOf, methodNotAllowed, notFound, refusal } from "./answer.ts";
import { readBody, type BodyLimit } from "./body.ts";
import { BOUNDS } from "./bounds.ts";
import { Budget, Gate } from "./budget.ts";

export interface IngestDependencies {
  readonly config: Config["ingest"];
  readonly bus: Bus;
  readonly log: Logger;
}

/**
 * OTLP over HTTP. A request is walked, never decoded, and goes to the bus as the bytes that came. It is acknowledged
 * when `bus.append` resolves, which is when the data is durable.
 */
export function createIngestApp({ config, bus, log }: IngestDependencies): Hono {
  const budget = new Budget(config.inFlightBytesMax);
  const gate = new Gate(BOUNDS.decompressionsAtOnce);

  const receive = async (signal: Signal, request: Request): Promise<Response> => {
    const encoding = encodingOf(request.headers.get("content-type"));
    if (encoding === null) return refusal(new FirstfixError("otlp.unsupported", "the content type must be application/x-protobuf or application/json"), "json");
    const share = budget.share();
    try {
      const body = await readBody(request, bodyLimit(encoding, config.bodyBytesMax), share, gate);
      return await store(signal, encoding, body);
    } catch (error) {
      const response = refusal(error, encoding);
      log[response.status < 500 && response.status !== 429 ? "debug" : "warn"]({ signal, status: response.status, error: messageOf(error) }, "request refused");
      return response;
    } finally {
      share.release();
    }
  };

  const store = async (signal: Signal, encoding: Encoding, body: Uint8Array): Promise<Response> => {
    const request = encoding === "json" ? jsonToProtobuf(signal, body) : body;
    const walked = walkRequest(signal, request, walkLimits(Date.now(), { pastMs: config.pastMs, futureMs: config.futureMs }));
    if (walked.records > walked.rejected) await bus.append(TOPICS[signal], [{ value: walked.body }]);
    if (walked.reason === null) return answer(200, encoding, encodeSuccess(signal, encoding, null));
    log.warn({ signal, records: walked.records, rejected: walked.rejected, reason: walked.reason }, "records rejected");
    return answer(200, encoding, encodeSuccess(signal, encoding, { rejected: walked.rejected, message: walked.reason }));
  };

  const app = new Hono();
  app.get("/healthz", (c) => c.json({ status: "ok" }));
  for (const signal of ["traces", "logs"] as const) {
    app.post(`/v1/${signal}`, (c) => receive(signal, c.req.raw));
    app.all(`/v1/${signal}`, (c) => methodNotAllowed(encodingOf(c.req.header("content-type") ?? null) ?? "json"));
  }
  app.all("/v1/metrics", (c) => notFound(encodingOf(c.req.header("content-type") ?? null) ?? "json", "metrics are not accepted here: send traces to /v1/traces and logs to /v1/logs"));
  app.notFound((c) => notFound(encodingOf(c.req.header("content-type") ?? null) ?? "json", `no ${c.req.path} here: OTLP/HTTP is at /v1/traces and /v1/logs`));
  app.onError((error, c) => refusal(error, encodingOf(c.req.header("content-type") ?? null) ?? "json"));
  return app;
}

function bodyLimit(encoding: Encoding, bytesMax: number): BodyLimit {
  if (encoding === "json" && bytesMax > BOUNDS.jsonBodyBytes) return { bytesMax: BOUNDS.jsonBodyBytes, limit: "This is the limit for JSON: send smaller batches, or protobuf." };
  return { bytesMax, limit: "Send smaller batches, or raise ingest.bodyBytesMax." };
}
