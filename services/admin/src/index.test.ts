import { request } from "node:http";
import { createMemoryBus, TOPICS } from "@firstfix/bus";
import { FirstfixError } from "@firstfix/kit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ADMIN_HEADER, Health, addLag, createMetrics, startAdmin, type Admin, type DeadLetters } from "./index.ts";

let admin: Admin;
let health: Health;
let letters: DeadLetters | null;
let asked: unknown[];

beforeEach(async () => {
  health = new Health();
  asked = [];
  letters = {
    list: async (query) => (asked.push(query), []),
    get: (id) => Promise.reject(new FirstfixError("not_found", `there is no dead letter ${id}`, { hint: "list them" })),
    replay: async (ids) => (asked.push(ids), []),
    drop: async (ids) => (asked.push(ids), []),
  };
  const metrics = createMetrics(health);
  const bus = createMemoryBus();
  bus.consume(TOPICS.traces, { group: "writer", durable: true, batchBytesMax: 1, lingerMs: 1 }, () => Promise.resolve());
  addLag(metrics, bus);
  admin = await startAdmin({ host: "127.0.0.1", port: 0 }, { health, metrics, deadLetters: () => letters, operations: () => null });
});
afterEach(() => admin.close());

describe("the admin server", () => {
  it("is alive while it is not ready, and says which part is not", async () => {
    health.set("store", "waiting", new FirstfixError("store.unavailable", "connection refused", { hint: "Start it." }));
    expect((await fetch(`${admin.url}/healthz`)).status).toBe(200);
    const answer = await fetch(`${admin.url}/readyz`);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toEqual({ ready: false, parts: [{ part: "store", state: "waiting", reason: "connection refused", hint: "Start it." }] });
    health.set("store", "ok");
    expect((await fetch(`${admin.url}/readyz`)).status).toBe(200);
  });

  it("gives Node's figures, each part and the lag in Prometheus's text", async () => {
    health.set("writer", "ok");
    health.set("store", "waiting");
    const answer = await fetch(`${admin.url}/metrics`);
    expect(answer.headers.get("content-type")).toContain("text/plain");
    const text = await answer.text();
    expect(text).toContain("process_resident_memory_bytes");
    expect(text).toContain('firstfix_admin_part_ready{part="writer"} 1');
    expect(text).toContain('firstfix_admin_part_ready{part="store"} 0');
    expect(text).toContain('firstfix_bus_lag_records{topic="otlp.traces",group="writer",partition="0"} 0');
  });

  it("shows dead letters to programs of this machine, and neither to web pages nor under another name", async () => {
    expect((await fetch(`${admin.url}/dlq/list`)).status).toBe(403);
    expect((await fetch(`${admin.url}/dlq/list?limit=7&topic=x`, { headers: { [ADMIN_HEADER]: "1" } })).status).toBe(200);
    expect(asked).toEqual([{ limit: 7, settled: false, topic: "x" }]);
    expect(await statusFor("evil.example.com")).toBe(403);
    expect(await statusFor("localhost")).toBe(200);
  });

  it("bounds what is asked and says what is wrong", async () => {
    const post = (body: string) => fetch(`${admin.url}/dlq/replay`, { method: "POST", headers: { [ADMIN_HEADER]: "1" }, body });
    expect((await post("{")).status).toBe(400);
    expect((await post(JSON.stringify({ ids: [] }))).status).toBe(400);
    expect((await post(JSON.stringify({ ids: Array.from({ length: 51 }, () => "dl_1") }))).status).toBe(400);
    expect((await post(JSON.stringify({ ids: ["x".repeat(70_000)] }))).status).toBe(413);
    expect((await post(JSON.stringify({ ids: ["dl_1"] }))).status).toBe(200);
    const missing = await fetch(`${admin.url}/dlq/show/dl_1`, { headers: { [ADMIN_HEADER]: "1" } });
    expect([missing.status, await missing.json()]).toEqual([404, { error: "there is no dead letter dl_1", code: "not_found", hint: "list them", retryable: false }]);
  });

  it("has no dead letters where the store is a server's", async () => {
    letters = null;
    expect((await fetch(`${admin.url}/dlq/list`, { headers: { [ADMIN_HEADER]: "1" } })).status).toBe(404);
  });

  it("says when its port is taken", async () => {
    const port = Number(new URL(admin.url).port);
    await expect(startAdmin({ host: "127.0.0.1", port }, { health, metrics: createMetrics(health), deadLetters: () => null, operations: () => null })).rejects.toMatchObject({ code: "port.in_use" });
  });
});

function statusFor(host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(`${admin.url}/dlq/list`, { headers: { host, [ADMIN_HEADER]: "1" } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    })
      .once("error", reject)
      .end();
  });
}
