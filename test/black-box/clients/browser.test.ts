import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { build } from "vite";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startInstance, type Instance } from "../../harness/instance.ts";
import { describeWith } from "../../harness/requires.ts";
import { findChromium, launch } from "../../web/browser.ts";
import type { Outcome } from "./browser/client.ts";
import { expectStored } from "./client.ts";
import { ofService, stopAndRead, type Stored } from "./stored.ts";

const chromium = findChromium();
const KEY = "a-key-for-the-web-shop";
const WAYS = [
  { service: "browser-json", encoding: "json", key: KEY },
  { service: "browser-protobuf", encoding: "protobuf", key: KEY },
];
/** These must not come in: without the key, and from a page of an origin that is not allowed. */
const KEYLESS = "browser-without-key";
const STRANGER = "browser-of-a-stranger";

describeWith({ name: "Chromium", there: chromium !== null, install: "apt-get install chromium, or name one in CHROMIUM" }, "the official SDK for browsers, from another origin", () => {
  const sent = new Map<string, Outcome>();
  let pages: Server | undefined;
  let browser: Browser | undefined;
  let instance: Instance | undefined;
  let stored: Stored;

  beforeAll(async () => {
    const script = await bundle();
    pages = createServer((request, response) => {
      const isScript = request.url === "/client.js";
      response.writeHead(200, { "content-type": isScript ? "text/javascript" : "text/html; charset=utf-8" });
      response.end(isScript ? script : "<!doctype html><title>shop</title><script src=\"/client.js\"></script>");
    });
    await new Promise<void>((resolve) => pages?.listen(0, "127.0.0.1", resolve));
    const { port } = pages.address() as AddressInfo;
    const shop = `http://127.0.0.1:${port}`;
    // The same server under another name is another origin.
    const stranger = `http://localhost:${port}`;
    instance = await startInstance({ ingest: { corsOrigins: [shop], keys: [{ name: "shop", key: KEY }] } });
    const { ingestUrl } = instance;
    browser = await launch(chromium ?? "");
    const page = await browser.newPage();
    const send = async (origin: string, service: string, encoding: string, key: string): Promise<Outcome> => {
      await page.goto(origin);
      return page.evaluate<Outcome, readonly string[]>((given) => (globalThis as unknown as { send: (...args: readonly string[]) => Promise<Outcome> }).send(...given), [service, ingestUrl, encoding, key]);
    };
    for (const { service, encoding, key } of WAYS) sent.set(service, await send(shop, service, encoding, key));
    sent.set(KEYLESS, await send(shop, KEYLESS, "json", ""));
    sent.set(STRANGER, await send(stranger, STRANGER, "json", KEY));
    stored = await stopAndRead(instance);
  });
  afterAll(async () => {
    await browser?.close();
    pages?.close();
    await instance?.remove();
  });

  it.each(WAYS)("sends $encoding, and every value is stored as it was", ({ service }) => {
    const its = sent.get(service);
    expect(its).toBeDefined();
    expect(its?.failed).toBe(false);
    if (its !== undefined) expectStored(stored, service, its);
  });

  it.each([KEYLESS, STRANGER])("lets nothing in of %s", (service) => {
    expect(sent.get(service)?.spans.length).toBeGreaterThan(0);
    expect(sent.get(service)?.failed).toBe(true);
    const { spans, logs } = ofService(stored, service);
    expect([spans, logs]).toEqual([[], []]);
  });

  it("leaves nothing aside", () => expect(stored.deadLetters).toEqual([]));
});

/** The client as one script, with the browser's variant of each package. */
async function bundle(): Promise<string> {
  const made = await build({
    configFile: false,
    root: import.meta.dirname,
    logLevel: "warn",
    define: { "process.env.NODE_ENV": "\"production\"" },
    build: { write: false, minify: false, lib: { entry: join(import.meta.dirname, "browser/client.ts"), formats: ["iife"], name: "client" } },
  });
  const [result] = Array.isArray(made) ? made : [made];
  if (result === undefined || !("output" in result)) throw new Error("the client for browsers was not built");
  return result.output[0].code;
}
