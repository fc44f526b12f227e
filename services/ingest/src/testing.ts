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
