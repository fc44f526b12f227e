import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createMemoryBus } from "@firstfix/bus";
import { startConsole } from "@firstfix/console-api";
import { createLogger, parseConfig } from "@firstfix/kit";
import { openStore } from "@firstfix/store";
import { findChromium, launch } from "./browser.ts";
import { fillExtreme } from "./fixture-extremes.ts";
import { fillHistory } from "./fixture-history.ts";
import { fillStore, IDS } from "./fixture.ts";

/**
 * Pictures of the console's pages in light and dark, wide and narrow: `node test/web/screenshots.ts FOLDER [PART]`, after
 * `npm run build:web`. PART takes only the pages whose name holds it; `--serve` keeps the console up to look around in;
 * `--empty`, `--one` and `--many` fill the store with nothing, with one deployment, or with 40 assistants of unruly names.
 */
const [folder = "screenshots", part = ""] = process.argv.slice(2).filter((one) => !one.startsWith("--"));
const chromium = findChromium();
if (chromium === null) throw new Error("no Chromium: apt-get install chromium, or name one in CHROMIUM");
const data = await mkdtemp(join(tmpdir(), "firstfix-pictures-"));
const store = await openStore({ path: join(data, "data") });
const now = Date.now();
const extreme = (["empty", "one", "many"] as const).find((one) => process.argv.includes(`--${one}`));
const history = { laterRevisionCommit: "", hostileCommit: "" };
if (extreme === "one" || extreme === "many") history.hostileCommit = await fillExtreme(store, now, extreme);
else if (extreme === undefined) {
  await fillStore(store, now);
  Object.assign(history, await fillHistory(store, now));
}
const running = await startConsole({ config: parseConfig({ console: { port: 0 } }, data), bus: createMemoryBus(), store, log: createLogger("console", "warn"), webRoot: resolve(import.meta.dirname, "../../services/console/web/dist") });

const ALL_PAGES: Readonly<Record<string, string>> = {
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
  "incident-abstained": `/incidents/${IDS.fixing}`,
  cycles: "/cycles",
  deployments: "/deployments",
};
/** The other pages show what the fixture of the shop holds. */
const EXTREME_PAGES = ["report", "changes", "change-hostile", "incidents", "cycles", "deployments"];
const PAGES = Object.entries(ALL_PAGES).filter(([name]) => name.includes(part) && (extreme === undefined || (EXTREME_PAGES.includes(name) && !(extreme === "empty" && name.startsWith("change-")))));

try {
  await mkdir(folder, { recursive: true });
  const browser = await launch(chromium);
  for (const [name, path] of PAGES) {
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
