import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { createMemoryBus, type Bus } from "@firstfix/bus";
import type { Finding, Incident, IncidentEvent, SuspectRecord } from "@firstfix/incident";
import { createLogger, nextBatchId, parseConfig, type Config } from "@firstfix/kit";
import { CAPTURE_REQUEST, jsonToProtobuf } from "@firstfix/otlp";
import { openRepository, sameAddress } from "@firstfix/provenance";
import { describeCheck, readSpecs } from "@firstfix/spec";
import { appendEvents, JournalTail, openStore, type Store } from "@firstfix/store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bubblewrapWorks } from "./testing/needs.ts";
import { layShop, type ShopRepository } from "./testing/shop.ts";
import { startFixer } from "./index.ts";

const works = await bubblewrapWorks();
const URL = "https://git.example.com/acme/shop.git";

describe.skipIf(!works)("from an incident to a commit", { timeout: 120_000 }, () => {
  let folder = "";
  let shop: ShopRepository;
  let store: Store;
  let bus: Bus;
  let config: Config;
  let fixer: { close(): Promise<void> };
  let tail: JournalTail;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "firstfix-fixer-"));
    shop = layShop(join(folder, "shop"));
    store = await openStore({ path: join(folder, "data") });
    bus = createMemoryBus();
    config = parseConfig({ fixer: { work: "work" }, repositories: [{ url: URL.replace("https://", "https://token@"), path: "shop" }] }, folder);
    tail = new JournalTail(store);
    fixer = startFixer({ config, bus, store, log: createLogger("fixer", "warn") });
  });

  afterAll(async () => {
    await fixer?.close();
    await bus?.close();
    await store?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("mends an error, a violated bound and a promise not kept", async () => {
    const total = await open("inc_total", await violation("total-never-negative"), shop.negativeTotal, "/checkout", { items: [{ price: 5, count: 1 }], coupon: 30 });
    const address = await open("inc_address", error(), shop.missingAddress, "/label", { items: [], name: "Kim" });
    const confirmed = await open("inc_confirmed", await violation("paid-is-confirmed"), shop.neverConfirmed, "/pay", { items: [{ price: 5, count: 2 }] });
    const started = Date.now();
    const incidents = await Promise.all([total, address, confirmed].map((id) => until(id, (one) => one.fixRounds[0]?.endedAt != null)));
    console.info(`three incidents mended in ${Date.now() - started} ms`);
    for (const incident of incidents) {
      const says = JSON.stringify({ problems: incident.problems, progress: incident.progress, rounds: incident.fixRounds, reproduction: incident.reproduction, proposals: incident.proposals.map((one) => [one.title, one.steps.map((step) => `${step.step} ${step.status} ${step.says}`)]) }, null, 1);
      expect(incident.reproduction?.status, says).toBe("reproduced");
      expect(incident.reproduction?.says).toContain("does not show it");
      expect(incident.status, says).toBe("proposed");
      const best = incident.proposals.filter((one) => one.verified);
      expect(best.length, says).toBeGreaterThan(0);
    }
    const [totals, addresses, promises] = incidents as [Incident, Incident, Incident];
    expect(totals.proposals[0]?.steps.map((step) => [step.step, step.status])).toEqual(["applies", "parses", "reproduction", "tests", "requirement", "other-checks", "variations"].map((step) => [step, "passed"]));
    // The fee for notes came with the same commit and stays.
    expect(totals.proposals[0]?.diff).not.toMatch(/^-.*noteFee/m);
    expect([addresses, promises].map((one) => one.proposals.map((proposal) => proposal.generator).toSorted())).toEqual([["revert", "template"], ["revert", "template"]]);
    expect(totals.proposals.some((one) => one.generator === "template" && one.verified && one.diff.includes("Math.max(0, sum - coupon)"))).toBe(true);
    expect(totals.reproduction?.test?.text).toContain("value >= 0.0");
    expect(addresses.reproduction?.test?.path).toMatch(/^test\/firstfix-.*\.test\.js$/);
    expect(promises.reproduction?.test).toBeNull();

    await append({ kind: "proposal.approved", incidentId: totals.incidentId, proposalId: totals.proposals[0]?.proposalId ?? "" });
    const committed = (await until(totals.incidentId, (one) => one.status === "committed")).proposals[0]?.commit;
    expect(committed?.branch).toBe("firstfix/inc_total");
    const git = (...args: string[]): string => execFileSync("git", ["-C", shop.path, ...args], { encoding: "utf8" }).trim();
    expect(git("rev-parse", "firstfix/inc_total^")).toBe(shop.neverConfirmed);
    expect(git("log", "-1", "--format=%(trailers:key=Firstfix-Incident,valueonly)", "firstfix/inc_total")).toBe("inc_total");
    expect(git("show", "--stat", "--format=", "firstfix/inc_total")).toMatch(/src\/cart\.js[^]*test\/firstfix-/);
    expect(git("status", "--porcelain")).toBe("");
    expect(existsSync(join(folder, "work")) ? readdirSync(join(folder, "work")) : []).toEqual(["compiled"]);
  });

  it("says what it cannot reproduce, verifies nothing then, and refuses to commit it", async () => {
    const id = await open("inc_nothing", error(), shop.missingAddress, null, null);
    const incident = await until(id, (one) => one.fixRounds[0]?.endedAt != null);
    expect(incident.reproduction).toMatchObject({ status: "impossible", test: null });
    expect(incident.proposals.length).toBeGreaterThan(0);
    expect(incident.proposals.every((one) => !one.verified)).toBe(true);
    await append({ kind: "proposal.approved", incidentId: id, proposalId: incident.proposals[0]?.proposalId ?? "" });
    expect((await until(id, (one) => one.proposals[0]?.commitFailure != null)).proposals[0]?.commitFailure).toContain("not verified");
  });

  it("begins a round again that a stop cut off, on a mirror of a repository that was added meanwhile, and pushes the fix", async () => {
    const id = await open("inc_again", error(), shop.missingAddress, "/label", { items: [], name: "Kim" });
    await until(id, (one) => one.progress.length > 0);
    await fixer.close();
    await tail.refresh();
    expect(tail.state.incidents.get(id)).toMatchObject({ status: "fixing", fixRounds: [{ round: 1, endedAt: null }] });
    await append({ kind: "repository.added", repository: { url: sameAddress(URL), source: shop.path, push: true, environments: [], dependencies: [] } });
    fixer = startFixer({ config: { ...config, repositories: [] }, bus, store, log: createLogger("fixer", "warn") });
    const incident = await until(id, (one) => one.fixRounds[1]?.endedAt != null);
    expect(incident.fixRounds.map((one) => one.round)).toEqual([1, 2]);
    const best = incident.proposals.find((one) => one.verified);
    await append({ kind: "proposal.approved", incidentId: id, proposalId: best?.proposalId ?? "" });
    const done = await until(id, (one) => one.status === "committed" && one.progress.some((step) => step.says.includes("Pushed")));
    expect(done.progress.at(-1)?.says).toBe(`Pushed to ${shop.path} as firstfix/inc_again.`);
    expect(execFileSync("git", ["-C", shop.path, "rev-parse", "firstfix/inc_again"], { encoding: "utf8" }).trim()).toBe(done.proposals.find((one) => one.commit !== null)?.commit?.id);
  });

  /** Journals an incident as the correlator does, with the captured request in its witness trace. */
  async function open(incidentId: string, finding: Finding, guilty: string, target: string | null, body: unknown): Promise<string> {
    const traceId = randomBytes(16).toString("hex");
    const revision = shop.neverConfirmed;
    if (target !== null) {
      const capture = JSON.stringify({ method: "POST", target, headers: { "content-type": "application/json", authorization: "[redacted]" }, body: JSON.stringify(body), bodyEncoding: "utf8", truncated: false });
      const text = (key: string, value: string): object => ({ key, value: { stringValue: value } });
      const now = String(BigInt(Date.now()) * 1_000_000n);
      const span = { traceId, spanId: randomBytes(8).toString("hex"), name: `POST ${target}`, kind: 2, startTimeUnixNano: now, endTimeUnixNano: now, attributes: [text(CAPTURE_REQUEST, capture)] };
      const request = { resourceSpans: [{ resource: { attributes: [text("service.name", "shop"), text("vcs.ref.head.revision", revision)] }, scopeSpans: [{ spans: [span] }] }] };
      await store.insertBatch({ id: nextBatchId(), signal: "traces", body: jsonToProtobuf("traces", Buffer.from(JSON.stringify(request))) });
    }
    const deployment = { service: "shop", environment: "production", revision, repository: URL, firstSeen: Date.now() };
    const repo = await openRepository(shop.path);
    const { subject } = await repo.commit(guilty);
    const suspect: SuspectRecord = { commit: guilty, subject, authorName: "Author", authoredAt: 0, score: 0.9, parts: [], attribution: { authorship: "unknown", agent: "", model: "", confidence: 0, evidence: [] }, diff: "", assistantLines: {} };
    await append(
      { kind: "incident.opened", incidentId, deployment, finding: { ...finding, witness: { ...finding.witness, traceId } } },
      { kind: "suspects.ranked", incidentId, ranking: { good: shop.good, bad: revision, candidates: 3, abstained: null, suspects: [suspect] } },
    );
    return incidentId;
  }

  async function violation(name: string): Promise<Finding> {
    const repo = await openRepository(shop.path);
    const files = await Promise.all((await repo.listFiles(shop.neverConfirmed, ".kiro/specs")).map(async ({ path, blob }) => ({ path, blob, text: (await repo.readFile(shop.neverConfirmed, path)) ?? "" })));
    const check = readSpecs(files, "shop").checks.find((one) => one.name === name);
    if (check === undefined) throw new Error(`no check ${name}`);
    const { requirement } = check;
    return { kind: "violation", key: check.key, title: requirement.text, witness: { traceId: "", spanId: "", operation: "", time: 0 }, count: 1, firstSeen: 0, violation: { checkName: name, requirementId: requirement.id, requirementTitle: requirement.title, requirementText: requirement.text, file: check.file, line: check.line, specBlob: "", check: describeCheck(check), detail: "" } };
  }

  function error(): Finding {
    const frames = [{ function: "label", file: "/srv/shop/src/label.js", path: "src/label.js", line: 3, column: 30, inApp: true }, { function: "", file: "/srv/shop/src/server.js", path: "src/server.js", line: 22, column: 25, inApp: true }];
    const message = "Cannot read properties of undefined (reading 'city')";
    return { kind: "error", key: "grp_production", title: `TypeError: ${message}`, witness: { traceId: "", spanId: "", operation: "POST /label", time: 0 }, count: 3, firstSeen: 0, error: { type: "TypeError", message, stacktrace: "", frames } };
  }

  async function append(...events: IncidentEvent[]): Promise<void> {
    await appendEvents(store, "test", events.map((event) => ({ event })));
    bus.hint("hint.journal-written");
  }

  async function until(id: string, holds: (incident: Incident) => boolean): Promise<Incident> {
    const end = Date.now() + 110_000;
    for (;;) {
      await tail.refresh();
      const incident = tail.state.incidents.get(id);
      if (incident !== undefined && holds(incident)) return incident;
      if (Date.now() > end) throw new Error(`waited too long for ${id}: ${JSON.stringify(incident, null, 1).slice(0, 4000)}`);
      await pause(100);
    }
  }
});
