import { createServer, request as httpRequest, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import { decodeTraces } from "@firstfix/otlp";
import { openStore, select } from "@firstfix/store";

/**
 * An independent counter: stands between the application and Firstfix, passes everything on, and notes the id of every
 * span that Firstfix acknowledged with 200. After the run the store is asked for each of them.
 */
export interface AcknowledgementCounter {
  readonly url: string;
  /** `trace/span` of every acknowledged span. */
  readonly acknowledged: ReadonlySet<string>;
  close(): Promise<void>;
}

export async function countAcknowledged(targetUrl: string): Promise<AcknowledgementCounter> {
  const acknowledged = new Set<string>();
  const server: Server = createServer((incoming, outgoing) => {
    void forward(incoming, targetUrl).then(
      ({ status, headers, body, sent }) => {
        if (status === 200 && incoming.url === "/v1/traces") for (const id of spanIds(incoming, sent)) acknowledged.add(id);
        outgoing.writeHead(status, headers).end(body);
      },
      // Firstfix is away: the exporter sees what it would see without this counter.
      () => outgoing.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    acknowledged,
    close: () => new Promise((resolve) => { server.closeAllConnections(); server.close(() => resolve()); }),
  };
}

/** How many of the acknowledged spans the store does not hold, and how many it holds more than once. Opens the data folder itself. */
export async function compareWithStore(data: string, acknowledged: ReadonlySet<string>): Promise<{ readonly lost: number; readonly duplicates: number }> {
  const store = await openStore({ path: data });
  try {
    const rows = await select<{ id: string; copies: string }>(store.background, "SELECT concat(lower(hex(trace_id)), '/', lower(hex(span_id))) AS id, toString(count()) AS copies FROM spans GROUP BY id");
    const copies = new Map(rows.map((row) => [row.id, Number(row.copies)]));
    let lost = 0;
    let duplicates = 0;
    for (const id of acknowledged) {
      const count = copies.get(id) ?? 0;
      if (count === 0) lost++;
      if (count > 1) duplicates++;
    }
    return { lost, duplicates };
  } finally {
    await store.close();
  }
}

function spanIds(incoming: IncomingMessage, sent: Buffer): string[] {
  const body = incoming.headers["content-encoding"] === "gzip" ? gunzipSync(sent) : sent;
  return decodeTraces(body).map((span) => `${span.traceId}/${span.spanId}`);
}

interface Forwarded {
  readonly status: number;
  readonly headers: Record<string, string | string[]>;
  readonly body: Buffer;
  readonly sent: Buffer;
}

async function forward(incoming: IncomingMessage, targetUrl: string): Promise<Forwarded> {
  const sent = await readAll(incoming);
  const target = new URL(incoming.url ?? "/", targetUrl);
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(target, { method: incoming.method ?? "GET", headers: { ...incoming.headers, host: target.host } }, (answer) => {
      readAll(answer).then((body) => {
        const headers = Object.fromEntries(Object.entries(answer.headers).filter((entry): entry is [string, string | string[]] => entry[1] !== undefined));
        resolve({ status: answer.statusCode ?? 502, headers, body, sent });
      }, reject);
    });
    outgoing.once("error", reject);
    outgoing.end(sent);
  });
}

async function readAll(stream: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
