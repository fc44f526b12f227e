import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";

export interface SeenSpan {
  readonly traceId: string;
  readonly name: string;
  readonly kind: number;
  readonly status: { readonly code?: number; readonly message?: string };
  readonly attributes: Record<string, unknown>;
  readonly resource: Record<string, unknown>;
  readonly events: readonly { readonly name: string; readonly attributes: Record<string, unknown> }[];
}

export interface Receiver {
  readonly url: string;
  readonly spans: SeenSpan[];
  /** Content types of what arrived, by path. */
  readonly arrived: { readonly path: string; readonly type: string }[];
  waitFor(condition: (spans: readonly SeenSpan[]) => boolean): Promise<void>;
  close(): Promise<void>;
}

const WAIT_MS_MAX = 15_000;

/** An OTLP/HTTP endpoint for tests. It reads the JSON encoding and only notes that protobuf arrived. */
export async function startReceiver(): Promise<Receiver> {
  const spans: SeenSpan[] = [];
  const arrived: { path: string; type: string }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const type = request.headers["content-type"] ?? "";
      arrived.push({ path: request.url ?? "", type });
      const bytes = Buffer.concat(chunks);
      const body = request.headers["content-encoding"] === "gzip" ? gunzipSync(bytes) : bytes;
      if (request.url === "/v1/traces" && type.includes("json")) spans.push(...readSpans(JSON.parse(body.toString("utf8"))));
      response.writeHead(200, { "content-type": type }).end(type.includes("json") ? "{}" : "");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    spans,
    arrived,
    waitFor: async (condition) => {
      const end = Date.now() + WAIT_MS_MAX;
      while (!condition(spans)) {
        if (Date.now() > end) throw new Error(`Not seen in time. Spans: ${JSON.stringify(spans.map((span) => span.name))}`);
        await new Promise((resolve) => { setTimeout(resolve, 20); });
      }
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface KeyValue { key: string; value: { stringValue?: string; intValue?: number | string; doubleValue?: number; boolValue?: boolean; arrayValue?: unknown } }
interface JsonSpan { traceId: string; name: string; kind: number; status?: { code?: number; message?: string }; attributes?: KeyValue[]; events?: { name: string; attributes?: KeyValue[] }[] }
interface JsonRequest { resourceSpans: { resource: { attributes: KeyValue[] }; scopeSpans: { spans: JsonSpan[] }[] }[] }

function readSpans(request: JsonRequest): SeenSpan[] {
  return request.resourceSpans.flatMap(({ resource, scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans.map((span) => ({
    traceId: span.traceId,
    name: span.name,
    kind: span.kind,
    status: span.status ?? {},
    attributes: read(span.attributes),
    resource: read(resource.attributes),
    events: (span.events ?? []).map((event) => ({ name: event.name, attributes: read(event.attributes) })),
  }))));
}

function read(pairs: readonly KeyValue[] = []): Record<string, unknown> {
  return Object.fromEntries(pairs.map(({ key, value }) => [key, value.stringValue ?? value.intValue ?? value.doubleValue ?? value.boolValue ?? value.arrayValue]));
}
