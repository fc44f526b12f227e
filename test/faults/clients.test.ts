import { gzipSync } from "node:zlib";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { eventually } from "../harness/instance.ts";
import { embedded } from "./embedded.ts";
import { deaf, trickle } from "./sockets.ts";

const MEBIBYTE = 1024 * 1024;
const BODY_BYTES_MAX = 20 * MEBIBYTE;
const TRACE_SPANS = 10_000;

describe.concurrent("clients", () => {
  it("that send everything twice, and those that hang up before the answer", async () => {
    await embedded("twice", { memoryMiBMax: 900 }, async ({ firstfix, grpcUrl, random, sender }) => {
      const hasty = (attempt: number): number => (attempt === 0 ? 1 + random() * 60 : 10_000);
      const grpc = { urls: [grpcUrl], grpc: true, connections: 4 };
      const senders = [sender({ twice: true }), sender({ connections: 4, timeoutMs: hasty }), sender({ ...grpc, twice: true }), sender({ ...grpc, timeoutMs: hasty })];
      senders.forEach((one) => one.start());
      await sleep(1500);
      // What was stored before a restart must be known after it, too.
      await firstfix.kill();
      await firstfix.start();
      await sleep(1500);
      await Promise.all(senders.map((one) => one.stop()));
    });
  });

  it("with traces of 10,000 spans, in one request and in many", async () => {
    await embedded("large traces", { memoryMiBMax: 900 }, async ({ consoleUrl, telemetry, ledger, sender }) => {
      const one = sender();
      const [whole, apart] = [telemetry.traceId(), telemetry.traceId()];
      const parts = Array.from({ length: 100 }, () => telemetry.make({ signal: "traces", records: TRACE_SPANS / 100, traceId: apart }));
      await one.deliver(telemetry.make({ signal: "traces", records: TRACE_SPANS, traceId: whole }));
      await Promise.all(parts.map((part) => one.deliver(part)));
      expect(ledger.acknowledgedRecords).toBe(2 * TRACE_SPANS);
      for (const trace of [whole, apart]) {
        const view = await eventually("the console answers the trace", 10_000, async () => {
          const answer = await fetch(`${consoleUrl}/api/traces/${trace}`, { signal: AbortSignal.timeout(5000) });
          return answer.ok ? ((await answer.json()) as { spans: unknown[]; omitted: number }) : null;
        });
        expect(view.spans.length + view.omitted).toBe(TRACE_SPANS);
      }
    });
  });

  it("a thousand at once, half of them slow, are all answered", async () => {
    await embedded("a thousand connections", { memoryMiBMax: 900 }, async ({ ingestPort, telemetry, ledger }) => {
      const answers = await Promise.all(
        Array.from({ length: 1000 }, (_, index) => trickle(ingestPort, ledger, telemetry.make({ signal: index % 4 === 0 ? "logs" : "traces", records: 20 }), index % 2 === 0 ? 1 : 20, 150)),
      );
      expect(answers.filter((status) => status !== 200)).toEqual([]);
    });
  });
});

// One after another: what these do to the machine would be felt by the others.
describe("greedy clients", () => {
  it("that never read their answers harm nobody", async () => {
    await embedded("deaf", { memoryMiBMax: 900 }, async ({ ingestPort, telemetry, ledger, sender }) => {
      const clients = Array.from({ length: 30 }, () => deaf(ingestPort, ledger, () => telemetry.make({ signal: "traces", records: 10 }), 200));
      const one = sender();
      await sleep(500);
      one.start();
      await sleep(2500);
      await one.stop();
      expect(ledger.acknowledgedRecords).toBeGreaterThan(0);
      expect(ledger.refusals.get("connection"), "attempts of others that had no answer within ten seconds").toBeUndefined();
      expect(clients.reduce((sum, { written }) => sum + written, 0)).toBeGreaterThan(500);
      clients.forEach((client) => client.close());
    });
  });

  it("with bodies of 20 MiB, exactly and over", async () => {
    await embedded("20 MiB", { memoryMiBMax: 1500 }, async ({ ingestUrl, telemetry, ledger, sender }) => {
      const large = sender({ timeoutMs: 30_000 });
      const beside = sender({ connections: 2 });
      beside.start();
      const exact = () => telemetry.makeOfSize({ signal: "traces", records: 5000 }, BODY_BYTES_MAX);
      await Promise.all(Array.from({ length: 5 }, () => large.deliver(exact())));
      expect(ledger.acknowledgedRecords).toBeGreaterThanOrEqual(25_000);
      const packed = exact();
      ledger.sent(packed);
      const gzip = { "content-encoding": "gzip" };
      const zipped = gzipSync(packed.body, { level: 1 });
      expect((await large.post(ingestUrl, { signal: "traces", body: zipped }, { headers: gzip })).status).toBe(200);
      ledger.acknowledge(packed);

      const over = telemetry.makeOfSize({ signal: "traces", records: 5000 }, BODY_BYTES_MAX + 1);
      expect((await large.post(ingestUrl, over)).status).toBe(413);
      expect((await large.post(ingestUrl, { signal: "traces", body: gzipSync(over.body, { level: 1 }) }, { headers: gzip })).status).toBe(413);
      await beside.stop();
    });
  });
});
