import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type App, startApp } from "./testing/app.ts";
import { type Receiver, type SeenSpan, startReceiver } from "./testing/receiver.ts";

const SERVER = 2;
const ERROR = 2;

let receiver: Receiver;
let app: App | null = null;

beforeEach(async () => { receiver = await startReceiver(); });
afterEach(async () => {
  app?.process.kill("SIGKILL");
  app = null;
  await receiver.close();
});

const start = async (name: string, env: Record<string, string> = {}): Promise<App> => (app = await startApp(name, receiver.url, env));
const post = (path: string, body: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${app?.url ?? ""}${path}`, { method: "POST", headers: { "content-type": "application/json", ...headers }, body });
const servers = (): SeenSpan[] => receiver.spans.filter((span) => span.kind === SERVER);
const seen = async (count: number): Promise<SeenSpan[]> => {
  await receiver.waitFor(() => servers().length >= count);
  return servers();
};
const captured = (span: SeenSpan | undefined): Record<string, unknown> => JSON.parse(String(span?.attributes["firstfix.capture.request"])) as Record<string, unknown>;

describe("an Express application in CommonJS", () => {
  it("has spans with its revision, and captured requests without secrets", async () => {
    await start("express.cjs");
    const answer = await post("/echo?api_key=abc&page=2", '{"user":"ada","password":"hunter2"}', { authorization: "Bearer abc" });
    expect(await answer.json()).toEqual({ user: "ada", password: "hunter2" });
    const [span] = await seen(1);
    expect(span?.name).toBe("POST /echo");
    expect(span?.resource).toMatchObject({ "service.name": "@firstfix/sdk", "deployment.environment.name": "development" });
    expect(span?.resource["vcs.ref.head.revision"]).toMatch(/^[0-9a-f]{40}$/);
    expect(captured(span)).toMatchObject({
      method: "POST",
      target: "/echo?api_key=%5Bredacted%5D&page=2",
      headers: { authorization: "[redacted]", "content-type": "application/json" },
      body: '{"user":"ada","password":"[redacted]"}',
      truncated: false,
    });
    expect(JSON.stringify(receiver.spans)).not.toMatch(/hunter2|Bearer abc|api_key=abc/);
  });

  it.each(["/throws", "/rejects"])("shows an error of %s once in its trace, with stack, status and local variables", async (path) => {
    await start("express.cjs");
    expect((await post(path, '{"items":[7]}')).status).toBe(500);
    const [span] = await seen(1);
    const events = receiver.spans.flatMap((each) => each.events);
    expect(events).toHaveLength(1);
    expect(span?.events[0]?.attributes).toMatchObject({ "exception.type": "TypeError", "exception.message": "Cannot read properties of undefined (reading 'name')" });
    expect(String(span?.events[0]?.attributes["exception.stacktrace"])).toMatch(/at total .*express\.cjs:\d+:\d+/);
    expect(span?.status.code).toBe(ERROR);
    const locals = JSON.parse(String(span?.attributes["firstfix.capture.locals"])) as { frames: { function: string; file: string; variables: Record<string, unknown> }[] };
    expect(locals.frames[0]).toMatchObject({ function: "total", file: "apps/express.cjs", variables: { customer: "[undefined]" } });
    expect(JSON.stringify(locals)).not.toContain("hunter2");
  });

  it("takes a refusal for what it is", async () => {
    await start("express.cjs");
    expect((await fetch(`${app?.url ?? ""}/refused`)).status).toBe(409);
    const [span] = await seen(1);
    expect(span?.events).toEqual([]);
    expect(receiver.spans.filter((each) => each.status.code === ERROR)).toEqual([]);
  });

  it("captures no more requests of a route than its budget, and none at zero", async () => {
    await start("express.cjs", { FIRSTFIX_CAPTURE_REQUESTS: "2" });
    await Promise.all(Array.from({ length: 20 }, (_, index) => fetch(`${app?.url ?? ""}/items/${String(index)}`)));
    const counted = (await seen(20)).filter((span) => "firstfix.capture.request" in span.attributes).length;
    // The twenty may fall into two seconds.
    expect(counted).toBeGreaterThanOrEqual(2);
    expect(counted).toBeLessThanOrEqual(4);
  });

  it("captures nothing when told so", async () => {
    await start("express.cjs", { FIRSTFIX_CAPTURE_REQUESTS: "0", FIRSTFIX_CAPTURE_LOCALS: "0" });
    await post("/throws", "{}");
    const [span] = await seen(1);
    expect(Object.keys(span?.attributes ?? {}).filter((name) => name.startsWith("firstfix."))).toEqual([]);
    expect(span?.events).toHaveLength(1);
  });

  it("flushes on SIGTERM and ends as it would have without us", async () => {
    await start("express.cjs", { OTEL_BSP_SCHEDULE_DELAY: "60000" });
    await post("/echo", "{}");
    expect(await app?.stop()).toEqual({ code: null, signal: "SIGTERM" });
    expect(servers()).toHaveLength(1);
    expect(app?.stderr()).toBe("");
  });

  it("goes on recording after a SIGTERM that the application handles, until it has finished its work", async () => {
    await start("draining.cjs", { OTEL_BSP_SCHEDULE_DELAY: "60000" });
    await post("/orders", "{}");
    expect(await app?.stop()).toEqual({ code: 0, signal: null });
    expect(receiver.spans.map((span) => span.name)).toContain("order.confirm");
  });

  it.each([["signal-exit.cjs", { code: null, signal: "SIGTERM" }], ["once.cjs", { code: null, signal: "SIGTERM" }]])("ends with the listener of %s, the last batch sent", async (name, how) => {
    await start(name, { OTEL_BSP_SCHEDULE_DELAY: "60000" });
    await post("/orders", "{}");
    expect(await app?.stop()).toEqual(how);
    expect(servers()).toHaveLength(1);
    expect(app?.stdout()).toContain("cleaned up");
  });

  it("sends no secret of outbound requests and of exceptions", async () => {
    await start("outbound.cjs");
    expect(await (await post("/go", "{}")).text()).toContain("done");
    await receiver.waitFor((spans) => spans.filter((span) => span.kind === 3).length >= 3);
    await seen(1);
    const sent = JSON.stringify(receiver.spans);
    expect(sent).toMatch(/page=2/);
    expect(sent).toMatch(/connect to postgres/);
    expect(sent).not.toContain("S3CRET");
  });

  it("ends in time although nobody receives, and sends protobuf unless told otherwise", async () => {
    await start("express.cjs", { OTEL_EXPORTER_OTLP_PROTOCOL: "", FIRSTFIX_FLUSH_MS: "1000" });
    await post("/echo", "{}");
    await receiver.waitFor(() => receiver.arrived.some((one) => one.path === "/v1/traces"));
    expect(receiver.arrived.every((one) => one.type === "application/x-protobuf" && one.path !== "/v1/metrics")).toBe(true);
    await receiver.close();
    await post("/echo", "{}");
    const before = Date.now();
    expect(await app?.stop()).toEqual({ code: null, signal: "SIGTERM" });
    expect(Date.now() - before).toBeLessThan(4_000);
  });
});

describe("an Express application of ES modules", () => {
  it("is instrumented through import, and reads its bodies undisturbed", async () => {
    await start("express.mjs");
    const text = "grüße ".repeat(5_000);
    const answer = await post("/hash", text, { "content-type": "text/plain" });
    expect(await answer.text()).toBe(createHash("sha256").update(text).digest("hex"));
    const [span] = await seen(1);
    expect(span?.name).toBe("POST /hash");
    expect(captured(span)).toMatchObject({ truncated: true });
    expect(text.startsWith(String(captured(span)["body"]))).toBe(true);
  });

  it("has the error of an asynchronous handler on its request", async () => {
    await start("express.mjs");
    await fetch(`${app?.url ?? ""}/rejects`);
    const [span] = await seen(1);
    expect(span?.events.map((event) => event.attributes["exception.type"])).toEqual(["RangeError"]);
    expect(String(span?.attributes["firstfix.capture.locals"])).toContain('"order":{"id":"o-1","lines":[1,2,3]}');
  });
});

describe("a fatal error", () => {
  it("stands on stderr although the application replaced its console, and nobody waits for a dead receiver", async () => {
    await start("fatal.cjs", { OTEL_EXPORTER_OTLP_ENDPOINT: "http://10.255.255.1:4318" });
    const before = Date.now();
    await fetch(`${app?.url ?? ""}/`);
    expect(await app?.ended).toEqual({ code: 1, signal: null });
    expect(Date.now() - before).toBeLessThan(2_500);
    expect(app?.stderr()).toMatch(/^Error: out of order\n {4}at /);
  });
});

describe("an application without a framework", () => {
  it("gets raw streams whole, and bodies that it never reads are captured all the same", async () => {
    await start("plain.mjs");
    expect(await (await post("/stream", "x".repeat(200_000))).text()).toBe("200000");
    expect(await (await post("/ignore", '{"pin":"1234","a":1}')).text()).toBe("ignored");
    const spans = await seen(2);
    const ignored = spans.find((span) => span.attributes["url.path"] === "/ignore");
    expect(captured(ignored)).toMatchObject({ body: '{"pin":"[redacted]","a":1}', truncated: false });
  });

  it("has a fatal error on its span before it ends with code 1 and the stack on stderr", async () => {
    await start("plain.mjs");
    await expect(fetch(`${app?.url ?? ""}/fatal`)).rejects.toThrow();
    expect(await app?.ended).toEqual({ code: 1, signal: null });
    expect(app?.stderr()).toMatch(/^Error: no such account: ada\n {4}at /);
    const [span] = servers();
    expect(span?.events.map((event) => event.attributes["exception.message"])).toEqual(["no such account: ada"]);
    expect(captured(span)).toMatchObject({ target: "/fatal" });
    expect(String(span?.attributes["firstfix.capture.locals"])).toContain('"account":{"owner":"ada","pin":"[redacted]"}');
  });
});
