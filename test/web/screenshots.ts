import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createMemoryBus } from "@firstfix/bus";
import { startConsole } from "@firstfix/console-api";
import { createLogger, parseConfig } from "@firstfix/kit";
import { openStore } from "@firstfix/store";
import { findChromium, launch } from "./browser.ts";
import { fillHistory } from "./fixture-history.ts";
import { fillStore, IDS } from "./fixture.ts";

/**
 * Pictures of the console's pages in light and dark, wide and narrow: `node test/web/screenshots.ts FOLDER [PART]`, after
 * `npm run build:web`. PART takes only the pages whose name holds it; `--serve` keeps the console up to look around in.
 */
const [folder = "screenshots", part = ""] = process.argv.slice(2).filter((one) => !one.startsWith("--"));
const chromium = findChromium();
if (chromium === null) throw new Error("no Chromium: apt-get install chromium, or name one in CHROMIUM");
const data = await mkdtemp(join(tmpdir(), "firstfix-pictures-"));
const store = await openStore({ path: join(data, "data") });
const now = Date.now();
await fillStore(store, now);
const history = await fillHistory(store, now);
const running = await startConsole({ config: parseConfig({ console: { port: 0 } }, data), bus: createMemoryBus(), store, log: createLogger("console", "warn"), webRoot: resolve(import.meta.dirname, "../../services/console/web/dist") });

const PAGES: Readonly<Record<string, string>> = {
  report: "/report",
  "report-authorship": "/report?by=authorship&range=all",
  "report-empty": "/report?repository=none",
  changes: "/changes",
  "change-guilty": `/changes/${history.laterRevisionCommit}`,
  "change-hostile": `/changes/${history.hostileCommit}`,
  incidents: "/",
  incident: `/incidents/${IDS.proposed}`,
  "incident-closed": `/incidents/${IDS.closed}`,
  "incident-again": `/incidents/${IDS.committed}`,
  "incident-gap": `/incidents/${IDS.gap}`,
  cycles: "/cycles",
  deployments: "/deployments",
};

try {
  await mkdir(folder, { recursive: true });
  const browser = await launch(chromium);
  for (const [name, path] of Object.entries(PAGES)) {
    if (!name.includes(part)) continue;
    for (const [width, colorScheme] of [[1440, "light"], [1440, "dark"], [1024, "light"], [420, "light"], [420, "dark"]] as const) {
      const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
      const page = await context.newPage();
      page.on("console", (message) => {
        if (message.type() === "error" || message.type() === "warning") console.error(`${name}: ${message.text()}`);
      });
      await page.goto(running.url + path);
      await page.locator("h1").first().waitFor();
      await page.locator(".skeleton").last().waitFor({ state: "detached" }).catch(() => {});
      await page.waitForTimeout(300);
      const size = await page.evaluate("({ over: document.documentElement.scrollWidth - document.documentElement.clientWidth, height: document.documentElement.scrollHeight })") as { over: number; height: number };
      await page.screenshot({ path: join(folder, `${name}-${width}-${colorScheme}.png`), fullPage: true });
      console.log(`${name} ${width} ${colorScheme}: ${size.height} px tall${size.over > 0 ? `, ${size.over} px too wide` : ""}`);
      await context.close();
    }
  }
  await browser.close();
  if (process.argv.includes("--serve")) {
    console.log(running.url);
    await new Promise((end) => process.once("SIGINT", end));
  }
} finally {
  await running.close();
  await store.close();
  await rm(data, { recursive: true, force: true });
}
