import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { PORTS } from "@firstfix/kit";
import type { Incident } from "@firstfix/incident";
import { ConsoleClient } from "../harness/console-client.ts";
import { Product } from "../harness/product.ts";
import { freePort } from "../harness/ports.ts";
import { compareWithStore, countAcknowledged } from "./acknowledged.ts";
import { deploy, mergeFixes, type Deployment } from "./deploy.ts";
import { layHistory } from "./history/index.ts";
import { Narrator } from "./narrator.ts";
import { createStory } from "./story.ts";
import { printTable, shortcomings, summarise } from "./summary.ts";
import { runTraffic } from "./traffic.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const REPOSITORY_URL = "https://git.shop.example/shop.git";
const BASELINE_MS = 12_000;
const POLL_MS = 500;
/** After this the headless run gives up and says what is missing. */
const HEADLESS_MS_MAX = 235_000;
/** Fixes that were committed within this time go out in one deployment. */
const RELEASE_PAUSE_MS = 4_000;
const RATE_PER_SECOND = 15;

const { values: flags } = parseArgs({ options: { headless: { type: "boolean" }, crash: { type: "boolean" }, keep: { type: "boolean" } } });
const headless = flags.headless === true;
const story = createStory();
const folder = mkdtempSync(join(tmpdir(), "firstfix-demo-"));
const cleanups: (() => Promise<void> | void)[] = [];
const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => interrupted.abort());

try {
  process.exitCode = await run();
} catch (error) {
  if (!interrupted.signal.aborted) console.error(`The demo failed: ${error instanceof Error ? error.message : String(error)}\nLogs are kept in ${folder}`);
  process.exitCode = interrupted.signal.aborted ? 130 : 1;
  flags.keep = flags.keep === true || !interrupted.signal.aborted;
} finally {
  for (const cleanup of cleanups.reverse()) await cleanup();
  if (flags.keep === true) console.error(`Kept: ${folder}`);
  else rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}
process.exit();

async function run(): Promise<number> {
  story.chapter("A shop and its history");
  const repository = join(folder, "shop");
  const history = await layHistory(repository);
  story.tell(`a git history by people and ${new Set(history.planted.map((one) => one.agent)).size} AI assistants, with three AI-authored faults in one deployment`);

  story.chapter("Firstfix starts");
  const { product, client, ingestUrl } = await startProduct(repository);
  const counter = flags.crash === true ? await countAcknowledged(ingestUrl) : null;
  if (counter !== null) cleanups.push(() => counter.close());
  story.tell(`console: ${client.url}`);

  let current: Deployment | null = null;
  let traffic = startTraffic("", 0);
  const release = async (revision: string): Promise<void> => {
    const next = await deploy({ repository, repositoryUrl: REPOSITORY_URL, revision, folder, nodeModules: join(ROOT, "node_modules"), otlpUrl: counter?.url ?? ingestUrl });
    await traffic.stop();
    await current?.stop();
    current = next;
    traffic = startTraffic(next.baseUrl, deployments++);
  };
  let deployments = 1;
  cleanups.push(async () => { await traffic.stop(); await current?.stop(); });

  story.chapter("The shop runs in production, and all is well");
  await release(history.revisions.baseline);
  story.tell(`revision ${history.revisions.baseline.slice(0, 10)} takes traffic, ${RATE_PER_SECOND} requests a second`);
  await pause(BASELINE_MS);

  story.chapter("A deployment with eight changes goes out");
  await release(history.revisions.faulty);
  const faultySince = Date.now();
  story.tell(`revision ${history.revisions.faulty.slice(0, 10)} takes traffic; its own tests passed`);
  if (counter !== null) {
    await pause(4000);
    await product.crash();
    story.tell("kill -9: Firstfix is gone, the shop goes on");
    await pause(1500);
    await product.start();
    story.tell("Firstfix is back");
  }
  if (!headless) story.tell(`Open ${client.url}, look at the incidents, and approve a verified proposal of each.`);

  const incidents = await follow({ client, repository, planted: history.planted.length, release });
  const finished = Date.now();
  await traffic.stop();
  let result = summarise(incidents, history.planted, faultySince);
  if (counter !== null) {
    await (current as Deployment | null)?.stop();
    await product.stop();
    result = { ...result, acknowledged: counter.acknowledged.size, ...(await compareWithStore(join(folder, "data"), counter.acknowledged)) };
  }
  printTable(incidents, result);
  const problems = shortcomings(incidents, history.planted, result);
  for (const problem of problems) console.log(`NOT AS PLANTED: ${problem}`);
  if (problems.length === 0) console.log(`Three faults found, blamed, fixed and confirmed by production in ${Math.round((finished - story.startedAt) / 1000)} s.`);
  else flags.keep = true;
  if (!headless && !interrupted.signal.aborted) {
    console.log(`The console stays open at ${client.url}. Ctrl-C ends the demo.`);
    await pause(2 ** 31 - 1).catch(() => undefined);
  }
  console.log(JSON.stringify(result));
  return problems.length === 0 ? 0 : 1;
}

/** Watches the console until every incident is closed, and releases what was committed. Approves by itself when headless. */
async function follow(options: { client: ConsoleClient; repository: string; planted: number; release: (revision: string) => Promise<void> }): Promise<Incident[]> {
  const narrator = new Narrator(story);
  const released = new Set<string>();
  const approved = new Set<string>();
  let waitingSince = 0;
  let incidents: Incident[] = [];
  const deadline = headless ? story.startedAt + HEADLESS_MS_MAX : Infinity;
  while (Date.now() < deadline) {
    await pause(POLL_MS);
    const seen = await options.client.incidents();
    if (seen.length > 0) incidents = seen;
    narrator.watch(incidents);
    if (headless) await approveVerified(options.client, incidents, approved);
    const waiting = incidents.flatMap((one) => one.proposals.flatMap((proposal) => (proposal.commit === null || released.has(proposal.commit.id) ? [] : [proposal.commit])));
    if (waiting.length === 0) waitingSince = 0;
    else if (waitingSince === 0) waitingSince = Date.now();
    const inWork = incidents.some((one) => ["open", "fixing", "proposed", "approved"].includes(one.status)) || incidents.length < options.planted;
    if (waiting.length > 0 && Date.now() - waitingSince > (headless && inWork ? 60_000 : RELEASE_PAUSE_MS)) {
      story.chapter(`The release with ${waiting.length} approved ${waiting.length === 1 ? "fix" : "fixes"}`);
      const revision = mergeFixes({ repository: options.repository, folder, branches: waiting.map((one) => one.branch) });
      for (const one of waiting) released.add(one.id);
      await options.release(revision);
      story.tell(`revision ${revision.slice(0, 10)} takes traffic`);
    }
    if (incidents.length >= options.planted && incidents.every((one) => one.status === "closed")) break;
  }
  return incidents;
}

/** The click of a person who trusts what was verified: the first verified proposal of each incident. */
async function approveVerified(client: ConsoleClient, incidents: readonly Incident[], approved: Set<string>): Promise<void> {
  for (const incident of incidents) {
    if (incident.status !== "proposed" || approved.has(incident.incidentId)) continue;
    const proposal = incident.proposals.find((one) => one.verified);
    if (proposal === undefined) continue;
    await client.approve(incident.incidentId, proposal.proposalId, "demo");
    approved.add(incident.incidentId);
  }
}

async function startProduct(repository: string): Promise<{ product: Product; client: ConsoleClient; ingestUrl: string }> {
  const sandbox = spawnSync("bwrap", ["--unshare-all", "--ro-bind", "/", "/", "true"]).status === 0 ? "bubblewrap" : "none";
  if (sandbox === "none") story.tell("WARNING: bubblewrap is missing or cannot start. The sample's code (our own) runs WITHOUT a sandbox. To mend: apt-get install bubblewrap");
  const ingestPort = await freePort(PORTS.otlpHttp);
  const consolePort = await freePort(PORTS.console);
  const config = {
    data: join(folder, "data"),
    ingest: { port: ingestPort, grpcPort: 0 },
    console: { port: consolePort },
    admin: { port: 0 },
    fixer: { sandbox, work: join(folder, "work") },
    repositories: [{ url: REPOSITORY_URL, path: repository, dependencies: [join(ROOT, "node_modules"), join(ROOT, "libs")] }],
  };
  mkdirSync(join(folder, "data"), { recursive: true });
  const file = join(folder, "firstfix.yaml");
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(config, null, 2));
  const consoleUrl = `http://127.0.0.1:${consolePort}`;
  const product = new Product({ config: file, consoleUrl, logFile: join(folder, "firstfix.log") });
  cleanups.push(() => product.stop());
  await product.start();
  return { product, client: new ConsoleClient(consoleUrl), ingestUrl: `http://127.0.0.1:${ingestPort}` };
}

interface Traffic {
  stop(): Promise<void>;
}

function startTraffic(baseUrl: string, seed: number): Traffic {
  if (baseUrl === "") return { stop: () => Promise.resolve() };
  const controller = new AbortController();
  const done = runTraffic({ baseUrl, ratePerSecond: RATE_PER_SECOND, seed, signal: controller.signal });
  return {
    stop: async () => {
      controller.abort();
      await done;
    },
  };
}

/** Sleeps, and throws as soon as the person interrupts. */
async function pause(ms: number): Promise<void> {
  await sleep(ms, undefined, { signal: interrupted.signal });
}
