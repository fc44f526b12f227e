import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { walkLimits, walkRequest, type Signal } from "@firstfix/otlp";
import { makeRequests } from "../corpus/index.ts";
import { Connection, head } from "./connection.ts";

/**
 * The load generator, a process of its own. It makes all requests first, says `ready`, waits for a line on its standard
 * input, sends them over connections that are kept alive, one request under way on each, and tells as JSON what was
 * acknowledged. What it is told to try again, it tries again.
 */
const { values } = parseArgs({
  options: { port: { type: "string" }, spans: { type: "string" }, seed: { type: "string" }, connections: { type: "string", default: "256" }, "per-request": { type: "string", default: "512" }, gzip: { type: "boolean", default: false } },
});
const signal: Signal = "traces";
const TIMEOUT_MS = 60_000;
const RETRY_MS = 20;

interface Prepared {
  readonly head: Buffer;
  readonly body: Uint8Array;
  readonly records: number;
}

const limits = walkLimits(Date.now());
const prepared: Prepared[] = [];
let records = 0;
let bytes = 0;
for (const request of makeRequests({ signal, spans: Number(values.spans), seed: Number(values.seed), spansPerRequest: Number(values["per-request"]) })) {
  const count = walkRequest(signal, request, limits).records;
  const body = values.gzip ? gzipSync(request, { level: 1 }) : request;
  prepared.push({ head: head(`/v1/${signal}`, body.length, { "content-type": "application/x-protobuf", ...(values.gzip ? { "content-encoding": "gzip" } : {}) }), body, records: count });
  records += count;
  bytes += request.length;
}

process.stdout.write("ready\n");
await new Promise((resolve) => process.stdin.once("data", resolve));
const start = performance.now();
let next = 0;
let retried = 0;
const wrong: string[] = [];
await Promise.all(Array.from({ length: Number(values.connections) }, send));
const seconds = (performance.now() - start) / 1000;
process.stdout.write(`${JSON.stringify({ records, bytes, requests: prepared.length, seconds, retried, wrong: wrong.slice(0, 3) })}\n`);
process.exit(wrong.length === 0 ? 0 : 1);

async function send(): Promise<void> {
  const connection = await Connection.open(Number(values.port), TIMEOUT_MS);
  for (let request = prepared[next++]; request !== undefined; request = prepared[next++]) {
    for (;;) {
      const answer = await connection.send(request.head, request.body);
      // An empty partial_success, as the Collector writes it, rejects nothing.
      if (answer.status === 200 && answer.body.length <= 2) break;
      if (answer.status !== 429 && answer.status !== 503) {
        wrong.push(`${answer.status} ${answer.body.toString("latin1").slice(0, 200)}`);
        break;
      }
      retried += 1;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
  connection.close();
}
