import type { EventEmitter } from "node:events";
import { createRequire } from "node:module";
import { expect, it } from "vitest";
import "./kafkajs.ts";

interface Queue extends EventEmitter {
  readonly inflight: Map<number, object>;
  waitForPendingRequests(): Promise<void>;
}

it("many who wait for the last requests of a lost broker are no leak of listeners", async () => {
  const RequestQueue = createRequire(import.meta.url)("kafkajs/src/network/requestQueue") as new (options: object) => Queue;
  const queue = new RequestQueue({ maxInFlightRequests: 10, requestTimeout: 1000, enforceRequestTimeout: false, clientId: "test", broker: "b:9092", logger: { debug: () => {} }, isConnected: () => true });
  queue.inflight.set(1, {});
  const all = Array.from({ length: 50 }, () => queue.waitForPendingRequests());
  expect(queue.listenerCount("requestQueueEmpty")).toBe(1);
  queue.inflight.clear();
  queue.emit("requestQueueEmpty");
  await Promise.all(all);
  // Whoever waits later waits anew.
  queue.inflight.set(2, {});
  const later = queue.waitForPendingRequests();
  expect(queue.listenerCount("requestQueueEmpty")).toBe(1);
  queue.emit("requestQueueEmpty");
  await later;
});
