import { afterEach, describe, expect, it } from "vitest";
import { startIngest, type Ingest } from "../index.ts";
import { JSON_TYPE, KeepingBus, testConfig, testLog, tracesJson } from "../testing.ts";
import { createCors } from "./cors.ts";

const started: Ingest[] = [];
afterEach(async () => void (await Promise.all(started.splice(0).map((one) => one.close()))));

const SHOP = "https://shop.example.com";
const KEYS = [{ name: "web", key: "web-0123456789abcdef" }];

async function ask(overrides: object, method: string, headers: Record<string, string>, path = "/v1/traces"): Promise<Response> {
  const ingest = await startIngest({ config: testConfig(overrides), bus: new KeepingBus(), log: testLog });
  started.push(ingest);
  return fetch(`${ingest.url}${path}`, { method, headers, ...(method === "POST" && { body: tracesJson(1) }) });
}

const corsHeaders = (response: Response) => [...response.headers.keys()].filter((name) => name.startsWith("access-control"));

describe("pages of a browser", () => {
  it("may send when their origin is named: the preflight needs no key, and tells what may be sent", async () => {
    const response = await ask({ corsOrigins: [SHOP], keys: KEYS }, "OPTIONS", { origin: SHOP, "access-control-request-method": "POST", "access-control-request-headers": "content-type,x-firstfix-key" });
    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-origin")).toBe(SHOP);
    expect(response.headers.get("access-control-allow-methods")).toBe("POST");
    for (const name of ["content-type", "content-encoding", "authorization", "x-firstfix-key", "traceparent", "baggage"]) expect(response.headers.get("access-control-allow-headers")).toContain(name);
    expect(Number(response.headers.get("access-control-max-age"))).toBeGreaterThan(0);
    expect(response.headers.get("vary")).toBe("origin");
  });

  it("can read answers and refusals", async () => {
    const good = await ask({ corsOrigins: [SHOP], keys: KEYS }, "POST", { ...JSON_TYPE, origin: SHOP, "x-firstfix-key": "web-0123456789abcdef" });
    const bad = await ask({ corsOrigins: [SHOP], keys: KEYS }, "POST", { ...JSON_TYPE, origin: SHOP });
    expect([good.status, bad.status]).toEqual([200, 401]);
    for (const response of [good, bad]) expect(response.headers.get("access-control-allow-origin")).toBe(SHOP);
  });

  it("of other origins may not", async () => {
    const preflight = await ask({ corsOrigins: [SHOP] }, "OPTIONS", { origin: "https://evil.example.com" });
    expect(preflight.status).toBe(403);
    expect(corsHeaders(preflight)).toEqual([]);
    expect(await preflight.text()).toContain("ingest.corsOrigins");
  });

  it("get no headers at all where nothing is configured", async () => {
    const preflight = await ask({}, "OPTIONS", { origin: SHOP });
    expect(preflight.status).toBe(405);
    const post = await ask({}, "POST", { ...JSON_TYPE, origin: SHOP });
    expect(post.status).toBe(200);
    for (const response of [preflight, post]) expect(corsHeaders(response)).toEqual([]);
  });
});

it("allows all origins by a star, but then no credentials", () => {
  const cors = createCors(["*"]);
  expect(cors.headers("https://any.example.com")).toMatchObject({ "access-control-allow-origin": "*" });
  expect(cors.preflight("https://any.example.com")).not.toHaveProperty("access-control-allow-credentials");
  expect(createCors([`${SHOP}/`]).preflight(SHOP)).toMatchObject({ "access-control-allow-origin": SHOP, "access-control-allow-credentials": "true" });
  expect(createCors([SHOP]).preflight(undefined)).toBeNull();
});
