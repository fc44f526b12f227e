import { spawn } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { gunzipSync } from "node:zlib";
import { decodeLogs, decodeTraces, type Signal } from "@firstfix/otlp";
import { deploy } from "../../demo/deploy.ts";
import { layHistory } from "../../demo/history/index.ts";
import { runTraffic } from "../../demo/traffic.ts";
import { freePort } from "../../harness/ports.ts";
import { writeFrames } from "../frames.ts";
import { Random } from "../../random.ts";
import { sanitise } from "./sanitise.ts";

/**
 * Records the corpus anew: `node test/corpus/record/main.ts [--python FOLDER]`. The shop of the demo runs under
 * @firstfix/sdk in two revisions; with a Python environment (flask, requests, opentelemetry-distro with its OTLP
 * exporter and the instrumentations of flask, requests, sqlite3 and logging) a second service runs under that.
 */
const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const FOLDER = fileURLToPath(new URL("../recorded/", import.meta.url));
/** Of each sender and signal this many records are kept. */
const RECORDS_MAX = 1500;
const TRAFFIC_MS = 8000;
/** As a service under load: the SDK's captures have a budget by time, so their share depends on it. */
const SHOP_RATE = 150;
const WAREHOUSE_CALLS = 250;

const { values: flags } = parseArgs({ options: { python: { type: "string" } } });
const folder = mkdtempSync(join(realpathSync(tmpdir()), "firstfix-corpus-"));
const received: { readonly signal: Signal; readonly body: Uint8Array }[] = [];

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const bytes = Buffer.concat(chunks);
    const signal = request.url === "/v1/traces" ? "traces" : request.url === "/v1/logs" ? "logs" : null;
    if (signal !== null) received.push({ signal, body: request.headers["content-encoding"] === "gzip" ? gunzipSync(bytes) : bytes });
    response.writeHead(200, { "content-type": "application/x-protobuf" }).end();
  });
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

try {
  await recordShop();
  if (flags.python !== undefined) await recordWarehouse(flags.python);
} finally {
  server.closeAllConnections();
  rmSync(folder, { recursive: true, force: true });
}
process.exit();

async function recordShop(): Promise<void> {
  const repository = join(folder, "shop");
  const { revisions } = await layHistory(repository);
  for (const [seed, [name, revision]] of Object.entries(revisions).entries()) {
    const shop = await deploy({ repository, repositoryUrl: "https://git.shop.example/shop.git", revision, folder, nodeModules: join(ROOT, "node_modules"), otlpUrl: url });
    const traffic = new AbortController();
    const done = runTraffic({ baseUrl: shop.baseUrl, ratePerSecond: SHOP_RATE, seed, signal: traffic.signal });
    await sleep(TRAFFIC_MS);
    traffic.abort();
    await done;
    await shop.stop();
    keep(`shop-${name}`, [[process.execPath, "/usr/local/bin/node"], [join(folder, `deploy-${revision.slice(0, 10)}`), "/srv/shop"], [ROOT, "/srv/shop/"]]);
  }
}

async function recordWarehouse(python: string): Promise<void> {
  const port = await freePort();
  const script = fileURLToPath(new URL("warehouse.py", import.meta.url));
  const child = spawn(join(python, "bin/opentelemetry-instrument"), [join(python, "bin/python"), script, String(port)], {
    stdio: ["ignore", "ignore", "inherit"],
    env: {
      PATH: process.env["PATH"],
      OTEL_SERVICE_NAME: "warehouse",
      OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=production,service.version=2.4.1,vcs.ref.head.revision=5b2f1d0c9e8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c,vcs.repository.url.full=https://git.shop.example/warehouse.git",
      OTEL_TRACES_EXPORTER: "otlp",
      OTEL_LOGS_EXPORTER: "otlp",
      OTEL_METRICS_EXPORTER: "none",
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      OTEL_SEMCONV_STABILITY_OPT_IN: "http,database",
    },
  });
  const exit = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const random = new Random(1);
  for (let call = 0; call < WAREHOUSE_CALLS; call++) {
    const sku = `sku-${String(random.below(410)).padStart(4, "0")}`;
    const body = JSON.stringify({ order: `ord_${crypto.randomUUID()}`, sku, pieces: 1 + random.below(300) });
    const answer = await fetch(`http://127.0.0.1:${port}/reservations`, { method: "POST", headers: { "content-type": "application/json" }, body }).catch(() => null);
    // It is not up yet.
    if (answer === null) await sleep(200);
    await answer?.text();
  }
  await sleep(6000);
  child.kill("SIGINT");
  await exit;
  keep("warehouse", [[realpathSync(python), "/srv/warehouse/venv"], [python, "/srv/warehouse/venv"], [dirname(script), "/srv/warehouse"], [process.env["HOME"] ?? "/root", "/srv/home"]]);
}

/** Writes what has arrived since the last time, thinned and without traces of this machine. */
function keep(sender: string, paths: readonly (readonly [string, string])[]): void {
  const arrived = received.splice(0);
  for (const signal of ["traces", "logs"] as const) {
    const frames: Uint8Array[] = [];
    let records = 0;
    for (const { body } of arrived.filter((one) => one.signal === signal)) {
      if (records >= RECORDS_MAX) break;
      records += (signal === "traces" ? decodeTraces(body) : decodeLogs(body)).length;
      frames.push(sanitise(signal, body, paths));
    }
    if (frames.length === 0) continue;
    writeFrames(join(FOLDER, `${sender}.${signal}.gz`), frames);
    console.log(`${sender}: ${frames.length} requests with ${records} records of ${signal}`);
  }
}
