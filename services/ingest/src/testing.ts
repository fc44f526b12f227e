import { Client, credentials, Metadata } from "@grpc/grpc-js";
import type { Bus, BusRecord, Consumer, Lag } from "@firstfix/bus";
import { createLogger, parseConfig, type Config, type Logger } from "@firstfix/kit";

/** A bus that keeps what it was given. `onAppend` may delay or reject, as a real one does. */
export class KeepingBus implements Bus {
  readonly keeps = false;
  readonly kept: { readonly topic: string; readonly record: BusRecord }[] = [];
  onAppend: () => Promise<void> = () => Promise.resolve();

  async append(topic: string, records: readonly BusRecord[]): Promise<void> {
    await this.onAppend();
    for (const record of records) this.kept.push({ topic, record });
  }
  hint(): void {}
  consume(): Consumer {
    return { close: () => Promise.resolve() };
  }
  onHint(): Consumer {
    return { close: () => Promise.resolve() };
  }
  lag(): Promise<readonly Lag[]> {
    return Promise.resolve([]);
  }
  check(): Promise<void> {
    return Promise.resolve();
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
}

export function testConfig(overrides: Partial<Config["ingest"]> = {}): Config["ingest"] {
  return { ...parseConfig({ ingest: { port: 0, grpcPort: 0 } }, "/").ingest, ...overrides };
}

export const testLog: Logger = createLogger("ingest", "silent");

/** A request of `spans` spans in OTLP JSON; `fields` go onto each. */
export function tracesJson(spans: number, fields: object = {}): string {
  const now = String(BigInt(Date.now()) * 1_000_000n);
  const span = { traceId: "5B8EFFF798038103D269B633813FC60C", spanId: "eee19b7ec3c1b174", name: "GET /", kind: 2, startTimeUnixNano: now, endTimeUnixNano: now, ...fields };
  return JSON.stringify({ resourceSpans: [{ resource: { attributes: [{ key: "service.name", value: { stringValue: "shop" } }] }, scopeSpans: [{ spans: Array.from({ length: spans }, () => span) }] }] });
}

export const PROTOBUF = { "content-type": "application/x-protobuf" };
export const JSON_TYPE = { "content-type": "application/json" };

export interface GrpcAnswer {
  readonly code: number;
  readonly details: string;
  /** The answer's bytes as text. */
  readonly response: string;
  /** From RetryInfo; null where there is none. */
  readonly retryAfterMs: number | null;
}

export interface GrpcOptions {
  readonly path?: string;
  readonly compression?: "gzip" | "deflate";
  readonly client?: Client;
}

/** Sends raw bytes with the official client of gRPC for Node. */
export async function grpcExport(url: string, body: Uint8Array, headers: Readonly<Record<string, string>> = {}, options: GrpcOptions = {}): Promise<GrpcAnswer> {
  const client = options.client ?? grpcClient(url, options);
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  const raw = (bytes: Uint8Array): Buffer => Buffer.from(bytes);
  try {
    return await new Promise((resolve) => {
      client.makeUnaryRequest(options.path ?? "/opentelemetry.proto.collector.trace.v1.TraceService/Export", raw, raw, body, metadata, { deadline: Date.now() + 20_000 }, (error, response) => {
        const [status] = error?.metadata.get("grpc-status-details-bin") ?? [];
        resolve({ code: error?.code ?? 0, details: error?.details ?? "", response: response?.toString("latin1") ?? "", retryAfterMs: status === undefined ? null : retryDelay(status as Buffer) });
      });
    });
  } finally {
    if (options.client === undefined) client.close();
  }
}

export function grpcClient(url: string, options: GrpcOptions = {}): Client {
  return new Client(new URL(url).host, credentials.createInsecure(), {
    "grpc.max_send_message_length": -1,
    "grpc.use_local_subchannel_pool": 1,
    ...(options.compression !== undefined && { "grpc.default_compression_algorithm": options.compression === "gzip" ? 2 : 1 }),
  });
}

/** google.rpc.Status { details = 3: Any { value = 2: RetryInfo { retry_delay = 1: Duration { seconds = 1, nanos = 2 } } } }, read by hand so that our own encoder is not its own judge. */
function retryDelay(status: Buffer): number {
  const field = (bytes: Buffer, number: number): Buffer | bigint | undefined => {
    for (let at = 0; at < bytes.length; ) {
      const varint = (): bigint => {
        let value = 0n;
        for (let shift = 0n; ; shift += 7n) {
          const byte = bytes[at++] ?? 0;
          value |= BigInt(byte & 0x7f) << shift;
          if (byte < 0x80) return value;
        }
      };
      const tag = Number(varint());
      const head = varint();
      const value = (tag & 7) === 2 ? bytes.subarray(at, (at += Number(head))) : head;
      if (tag >>> 3 === number) return value;
    }
    return undefined;
  };
  const any = field(status, 3) as Buffer;
  if (!(field(any, 1) as Buffer).equals(Buffer.from("type.googleapis.com/google.rpc.RetryInfo"))) throw new Error("not a RetryInfo");
  const duration = field(field(any, 2) as Buffer, 1) as Buffer;
  return Number((field(duration, 1) as bigint | undefined) ?? 0n) * 1000 + Number((field(duration, 2) as bigint | undefined) ?? 0n) / 1e6;
}
