import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { createMemoryBus } from "@firstfix/bus";
import { startConsole } from "@firstfix/console-api";
import { createLogger, parseConfig } from "@firstfix/kit";
import { openStore, type Store } from "@firstfix/store";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { findChromium, launch } from "./browser.ts";

const web = join(import.meta.dirname, "../../services/console/web");
const vite = join(import.meta.dirname, "../../node_modules/vite/bin/vite.js");

/** A console with its pages, built as `npm run build:web` does, on a store of its own, and a browser before it. */
export interface Room {
  readonly store: Store;
  readonly url: string;
  readonly browser: Browser;
  close(): Promise<void>;
}

export async function openRoom(): Promise<Room> {
  const folder = await mkdtemp(join(tmpdir(), "firstfix-web-"));
  const webRoot = join(folder, "web");
  // In a process of its own: the test runner's NODE_ENV would make another React.
  await promisify(execFile)(process.execPath, [vite, "build", web, "--outDir", webRoot, "--emptyOutDir", "--logLevel", "warn"], { env: { ...process.env, NODE_ENV: "production" } });
  const store = await openStore({ path: join(folder, "data") });
  const running = await startConsole({ config: parseConfig({ console: { port: 0 } }, folder), bus: createMemoryBus(), store, log: createLogger("console", "silent"), webRoot });
  const browser = await launch(findChromium() ?? "");
  return {
    store,
    url: running.url,
    browser,
    close: async () => {
      await browser.close();
      await running.close();
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export interface Seat {
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the browser's console complained of, and requests to any other place: nothing may leave the console. */
  readonly problems: string[];
  visit(path: string): Promise<void>;
}

export async function openSeat({ browser, url }: Room, options: Parameters<Browser["newContext"]>[0] = {}): Promise<Seat> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") problems.push(message.text());
  });
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("request", (request) => {
    if (!request.url().startsWith(url) && !request.url().startsWith("data:")) problems.push(`request to ${request.url()}`);
  });
  const visit = async (path: string): Promise<void> => {
    await page.goto(url + path);
    await page.locator("h1").first().waitFor();
  };
  return { context, page, problems, visit };
}
