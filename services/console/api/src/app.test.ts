import { createServer } from "node:net";
import { mkdtemp, mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMemoryBus } from "@firstfix/bus";
import { mergeGroups, NO_GROUP_RULES, type IncidentEvent, type ProposalRecord } from "@firstfix/incident";
import { createLogger, parseConfig } from "@firstfix/kit";
import { appendEvents, insertRows, openStore, tailJournal, type JournalTail, type Store } from "@firstfix/store";
import type { Hono } from "hono";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createConsoleApp } from "./app.ts";
import { CONSOLE_LIMITS } from "./deps.ts";
import type { ChangeDetail, ChangeReport, DeploymentLine, FoundSpan, IncidentDetail, IncidentLine, Overview, TraceView, Report } from "./payload.ts";
import { incidentLines, statusCounts } from "./incidents.ts";
import { occurrences } from "./queries.ts";
import { startConsole } from "./start.ts";

const TRACE = "4b792f3577334d26234e121d0e0e4736";
const now = Date.now();
const deployment = { service: "shop", environment: "production", revision: "b".repeat(40), repository: "https://git.example.com/shop", firstSeen: now - 600_000 };
const proposal: ProposalRecord = { proposalId: "pro_1", generator: "template", title: "Guard", explanation: "", base: deployment.revision, diff: "", files: [], steps: [], verified: true };
const attribution = { authorship: "ai", agent: "Claude Code", model: "", confidence: 0.9, evidence: [] } as const;

const events: readonly IncidentEvent[] = [
  { kind: "deployment.seen", deployment },
  { kind: "incident.opened", incidentId: "inc_1", deployment, finding: { kind: "error", key: "grp_1", title: "TypeError: x", witness: { traceId: TRACE, spanId: "0070672a0b290237", operation: "GET /", time: now }, count: 1, firstSeen: now - 500_000 } },
  { kind: "suspects.ranked", incidentId: "inc_1", ranking: { good: null, bad: deployment.revision, candidates: 1, abstained: null, suspects: [{ commit: "c".repeat(40), subject: "Break it", authorName: "Sam", authoredAt: now, score: 0.9, parts: [], attribution, diff: "", assistantLines: {} }] } },
  { kind: "fix.started", incidentId: "inc_1", round: 1 },
  { kind: "proposal.made", incidentId: "inc_1", proposal },
  { kind: "proposal.made", incidentId: "inc_1", proposal: { ...proposal, proposalId: "pro_2", verified: false } },
  { kind: "fix.ended", incidentId: "inc_1", round: 1, candidates: 2, verified: 1, says: "done" },
];

let folder: string;
let store: Store;
let tail: JournalTail;
let app: Hono;
let hints = 0;
const listeners = new Set<() => void>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "firstfix-console-"));
  store = await openStore({ path: join(folder, "data") });
  await appendEvents(store, "correlator", events.map((event) => ({ event })));
  const minute = new Date(Math.floor(now / 60_000) * 60_000);
  await insertRows(store.background, "exposure", [{ minute, service: "shop", environment: "production", revision: deployment.revision, operation: "GET /", spans: 40, entries: 20, errors: 3 }, { minute, service: "shop", environment: "production", revision: deployment.revision, operation: "GET /other", spans: 5, entries: 5, errors: 0 }]);
  await insertRows(store.background, "errors", [1, 2, 2].map((n) => ({ error_id: `err_${n}`, group_id: "grp_1", time: minute, trace_hex: TRACE, span_hex: "", service: "shop", environment: "production", revision: deployment.revision, repository: "", operation: "GET /", type: "TypeError", message: "x", stacktrace: "", file: "", function: "", line: 0 })));
  await insertRows(store.background, "spans", [{ trace_id: Buffer.from(TRACE, "hex").toString("latin1"), span_id: "12345678", parent_span_id: "", start_time: new Date(now), duration_ns: 5_000_000, service: "shop", environment: "production", revision: deployment.revision, repository: "", name: "GET /", kind: "server", status_code: "error", status_message: "", attr_str: { "http.route": "/" }, attr_int: { big: 9007199254740993n } }]);
  tail = await tailJournal(store, () => listeners.forEach((listener) => listener()), { pollMs: 50 });
  const webRoot = join(folder, "web");
  await mkdir(join(webRoot, "assets"), { recursive: true });
  await writeFile(join(webRoot, "index.html"), "<!doctype html><title>built</title>");
  await writeFile(join(webRoot, "assets", "app.js"), "1;");
  await writeFile(join(folder, "secret.json"), "{}");
  app = createConsoleApp({
    store,
    journal: { get state() { return tail.state; }, refresh: () => tail.refresh(), onChange: (listener) => { listeners.add(listener); return () => listeners.delete(listener); } },
    bus: { hint: () => { hints += 1; } },
    log: createLogger("console", "silent"),
    webRoot,
    host: "127.0.0.1",
  });
});

afterAll(async () => {
  await tail.close();
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

async function json<T>(path: string): Promise<T> {
  const response = await app.request(path);
  expect(response.status, path).toBe(200);
  return (await response.json()) as T;
}

function approve(body: unknown, headers: Record<string, string> = {}, proposalId = "pro_1"): Promise<Response> {
  return Promise.resolve(app.request(`/api/incidents/inc_1/proposals/${proposalId}/approve`, { method: "POST", headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) }));
}

describe("reading", () => {
  it("tells the state of everything", async () => {
    const overview = await json<Overview>("/api/overview");
    expect(overview.counts.proposed).toBe(1);
    expect(overview.services[0]).toMatchObject({ service: "shop", spans: 46, errors: 4 });
    const [line] = await json<IncidentLine[]>("/api/incidents");
    expect(line).toMatchObject({ incidentId: "inc_1", status: "proposed", occurrences: 2, verifiedProposals: 1, suspect: { agent: "Claude Code", score: 0.9 } });
  });

  it("gives an incident with its exposure, each error counted once", async () => {
    const detail = await json<IncidentDetail>("/api/incidents/inc_1");
    expect(detail.exposure[0]).toMatchObject({ trialWord: "requests", scope: "GET /", occurrences: 2, deployments: [{ revision: deployment.revision }] });
    expect(detail.exposure[0]?.points.find((one) => one.failures > 0)).toMatchObject({ trials: 21, failures: 2 });
    expect(detail.history.map((one) => one.kind)).toEqual(events.slice(1).map((one) => one.kind));
    expect((await app.request("/api/incidents/inc_none")).status).toBe(404);
  });

  it("counts what was merged by hand, and lists open incidents however many came after them", async () => {
    const rules = mergeGroups(NO_GROUP_RULES, "grp_2", ["grp_1"]);
    const [incident] = tail.state.incidents.values();
    if (incident === undefined) throw new Error("no incident");
    const merged = { ...incident, findings: incident.findings.map((one) => ({ ...one, key: "grp_2" })) };
    expect(await occurrences(store, [merged], rules)).toEqual(new Map([["inc_1", 2]]));
    expect(await occurrences(store, [merged], NO_GROUP_RULES)).toEqual(new Map([["inc_1", 1]]));
    const closed = Array.from({ length: CONSOLE_LIMITS.incidentsListed + 5 }, (_, index) => ({ ...incident, incidentId: `inc_c${index}`, status: "closed" as const, openedAt: incident.openedAt + 1 + index, closedAt: now }));
    const lines = await incidentLines(store, { ...tail.state, incidents: new Map([incident, ...closed].map((one) => [one.incidentId, one])) });
    expect(lines).toHaveLength(CONSOLE_LIMITS.incidentsListed);
    expect(lines.at(-1)?.incidentId).toBe("inc_1");
    expect(lines[0]?.incidentId).toBe(closed.at(-1)?.incidentId);
    const intoAnother = { ...incident, incidentId: "inc_m", status: "closed" as const, mergedInto: "inc_1" };
    expect(statusCounts({ incidents: new Map([incident, intoAnother, ...closed.slice(0, 3)].map((one) => [one.incidentId, one])) })).toMatchObject({ proposed: 1, closed: 3 });
  });

  it("gives a trace with whole integers", async () => {
    const trace = await json<TraceView>(`/api/traces/${TRACE}`);
    expect(trace).toMatchObject({ durationMs: 5, omitted: 0 });
    expect(trace.spans[0]?.attributes).toEqual({ "http.route": "/", big: "9007199254740993" });
    expect((await app.request("/api/traces/'; DROP TABLE spans")).status).toBe(400);
    expect((await app.request(`/api/traces/${"0".repeat(32)}`)).status).toBe(404);
    const many = "5".repeat(32);
    const rows = Array.from({ length: CONSOLE_LIMITS.traceSpans + 5 }, (_, index) => ({ trace_id: Buffer.from(many, "hex").toString("latin1"), span_id: String(index).padStart(8, "0"), start_time: new Date(now + index), duration_ns: 1, service: "many", environment: "production", name: "loop" }));
    await insertRows(store.background, "spans", rows);
    const bounded = await json<TraceView>(`/api/traces/${many}`);
    expect([bounded.spans.length, bounded.omitted]).toEqual([CONSOLE_LIMITS.traceSpans, 5]);
  });

  it("finds spans by an attribute", async () => {
    expect(await json<FoundSpan[]>("/api/spans?attribute=big=9007199254740993")).toMatchObject([{ traceId: TRACE, service: "shop", name: "GET /", durationMs: 5, status: "error" }]);
    expect(await json<FoundSpan[]>("/api/spans?attribute=http.route=/none")).toEqual([]);
    expect((await app.request("/api/spans?attribute=big")).status).toBe(400);
  });

  it("reports by assistant and by commit, with definitions, also as files", async () => {
    const report = await json<Report>("/api/reports?by=assistant");
    expect(report.measures.every((one) => one.definition !== "" && one.denominator !== "")).toBe(true);
    const changes = await json<ChangeReport>("/api/reports/changes");
    expect(changes.rows).toMatchObject([{ commit: "c".repeat(40), agent: "Claude Code", incidents: [{ incidentId: "inc_1" }] }]);
    expect(await json<ChangeDetail>(`/api/reports/changes/${"c".repeat(40)}`)).toMatchObject({ change: changes.rows[0] });
    expect((await app.request(`/api/reports/changes/${"d".repeat(40)}`)).status).toBe(404);
    expect(await json<ChangeReport>("/api/reports/changes?q=BREAK%20cccc&author=ai&order=redeploys&reverse=true")).toMatchObject({ rows: changes.rows, matching: 1, all: 1, more: 0 });
    expect(await json<ChangeReport>("/api/reports/changes?q=nowhere")).toMatchObject({ rows: [], matching: 0, all: 1 });
    expect(await json<ChangeReport>("/api/reports/changes?offset=1")).toMatchObject({ rows: [], matching: 1, more: 0 });
    expect(await json("/api/reports/trend")).toEqual(expect.any(Array));
    expect(await json("/api/reports/cycles?by=model")).toMatchObject([{ label: "All", closed: 0 }]);
    expect(await json("/api/reports/places")).toMatchObject({ services: ["shop"] });
    const csv = await app.request("/api/reports?by=model&format=csv");
    expect(csv.headers.get("content-disposition")).toContain('filename="firstfix-report-by-model.csv"');
    expect(await csv.text()).toMatch(/^by,key,label/);
    expect((await app.request("/api/reports/changes?format=markdown")).headers.get("content-type")).toContain("text/markdown");
    const [first] = await json<DeploymentLine[]>("/api/deployments");
    expect(first).toMatchObject({ revision: deployment.revision, incidents: [{ incidentId: "inc_1" }] });
  });

  it("finds a change by the beginning of its id, in either case; several are told apart and none is said", async () => {
    const facts = { repository: deployment.repository, author_name: "Robin", authorship: "human", version: 1 };
    await insertRows(store.background, "changes", [
      { ...facts, commit: `d94ab57e${"1".repeat(32)}`, committed_at: new Date(now - 5000), subject: "One" },
      { ...facts, commit: `d94ab57f${"2".repeat(32)}`, committed_at: new Date(now - 6000), subject: "Two" },
      { ...facts, commit: `d94ab57f${"3".repeat(32)}`, committed_at: new Date(now - 6000), subject: "A merge", merge: true },
    ]);
    expect((await json<ChangeDetail>("/api/reports/changes/d94ab57e")).change.subject).toBe("One");
    expect((await json<ChangeDetail>("/api/reports/changes/D94AB57F")).change.subject).toBe("Two");
    expect((await json<ChangeDetail>(`/api/reports/changes/D94AB57E${"1".repeat(32)}`)).change.subject).toBe("One");
    expect((await json<ChangeDetail>("/api/reports/changes/cccc")).change.subject).toBe("Break it");
    const said = async (id: string): Promise<[number, string]> => {
      const answer = await app.request(`/api/reports/changes/${id}`);
      return [answer.status, ((await answer.json()) as { error: string }).error];
    };
    expect(await said("d94ab57")).toEqual([409, "the ids of 2 commits begin with d94ab57"]);
    expect(await said("beef")).toEqual([404, "there is no commit beef"]);
    expect(await said("d94")).toEqual([400, expect.stringContaining("4 or more")]);
    expect(await said("%25%27")).toEqual([400, expect.stringContaining("hex digits")]);
    expect((await said("%"))[0]).toBe(400);
  });

  it.each([
    ["?by=moon", "by", "assistant"],
    ["?since=yesterday", "since", "milliseconds"],
    ["?since=-1", "since", "milliseconds"],
    ["?until=99999999999999999", "until", "milliseconds"],
    ["?by=model&by=team", "by", "once"],
    ["?wat=1", "wat", "repository"],
    ["?format=exe", "format", "csv"],
    ["?since=2000&until=1000", "since 1970-01-01T00:00:02.000Z", "later than since"],
    ["/changes?since=2000&until=2000", "until 1970-01-01T00:00:02.000Z", "later than since"],
    ["/trend?since=2000&until=2000", "until", "later than since"],
    ["/cycles?since=2000&until=2000", "until", "later than since"],
    ["/changes?limit=0", "limit", "1000"],
    ["/changes?order=worst", "order", "newest"],
    ["/changes?order=lines;DROP", "order", "lines"],
    ["/changes?offset=-1", "offset", "200000"],
    ["/changes?offset=200001", "offset", "200000"],
    ["/changes?reverse=1", "reverse", "true or false"],
    ["/changes?author=robots", "author", "mixed"],
    [`/changes?q=${"x".repeat(201)}`, "q", "200 characters"],
    ["/changes?q=a+b+c+d+e+f+g+h+i", "q", "8 words"],
    ["?q=a", "q", "It takes by, since, until, repository, service, environment, format."],
    ["/trend?by=model", "by", "repository"],
  ])("refuses a report of %s and says what is allowed", async (query, key, allowed) => {
    const answer = await app.request(`/api/reports${query}`);
    expect(answer.status).toBe(400);
    const problem = (await answer.json()) as { error: string; hint: string };
    expect(problem.error).toContain(key);
    expect(problem.hint).toContain(allowed);
  });
});

describe("approving", () => {
  it("refuses other sites, other types, nameless and deceptive approvals", async () => {
    expect((await approve({ by: "Eve" }, { "sec-fetch-site": "cross-site" })).status).toBe(403);
    expect((await approve({ by: "Eve" }, { origin: "https://evil.example" })).status).toBe(403);
    expect((await approve({ by: "Eve" }, { "content-type": "text/plain" })).status).toBe(415);
    for (const by of ["", "  ", "a\nb", "a\u202Eb", "x".repeat(81), 7]) expect((await approve({ by })).status, String(by)).toBe(400);
    expect((await approve({ by: "Eve" }, {}, "pro_2")).status).toBe(409);
    expect((await approve({ by: "Eve" }, {}, "pro_none")).status).toBe(404);
    expect((await approve({ by: "x".repeat(5000) })).status).toBe(413);
    expect(hints).toBe(0);
  });

  it("journals one approval of two that come at once", async () => {
    const answers = await Promise.all([approve({ by: "Robin" }, { origin: "http://localhost" }), approve({ by: "Sam" })]);
    expect(answers.map((one) => one.status).sort((a, b) => a - b)).toEqual([200, 409]);
    const entries = await store.journal.read({ subject: "inc_1", kinds: ["proposal.approved"] });
    expect(entries).toMatchObject([{ actor: "person:Robin", data: { proposalId: "pro_1" } }]);
    expect(hints).toBe(1);
  });
});

describe("serving", () => {
  it("sends strict headers, and pages only from the web's folder", async () => {
    const page = await app.request("/incidents/inc_1");
    expect(await page.text()).toContain("built");
    expect(page.headers.get("content-security-policy")).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    expect((await app.request("/assets/app.js")).headers.get("cache-control")).toContain("immutable");
    expect((await app.request("/assets/none.js")).status).toBe(404);
    for (const path of ["/changes/%", "/%E0%A4%A", "/incidents/%00"]) {
      const nothing = await app.request(path);
      expect([nothing.status, nothing.headers.get("content-type")], path).toEqual([404, expect.stringContaining("text/html")]);
      expect(await nothing.text(), path).toContain("built");
    }
    for (const path of ["/..%2fsecret.json", "/%2e%2e/secret.json", "/assets/..%2f..%2fsecret.json"]) expect(await (await app.request(path)).text(), path).not.toBe("{}");
    expect((await app.request("/api/none")).status).toBe(404);
  });

  it("answers to loopback names only", async () => {
    expect((await app.request("/api/health", { headers: { host: "rebound.example" } })).status).toBe(403);
    expect((await app.request("/api/health", { headers: { host: "localhost:4300" } })).status).toBe(200);
  });

  it("streams the state at once and when the journal changes", async () => {
    const response = await app.request("/api/events");
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    const first = (await reader?.read())?.value ?? "";
    expect(first).toContain(tail.state.lastEntryId);
    await appendEvents(store, "fixer", [{ event: { kind: "fix.progress", incidentId: "inc_1", says: "news" } }]);
    const second = (await reader?.read())?.value ?? "";
    expect(second).toContain(tail.state.lastEntryId);
    expect(second).not.toBe(first);
    await reader?.cancel();
  });

  it("bounds the streams that are open at once, and frees those that were left", async () => {
    const open = async (): Promise<ReadableStreamDefaultReader<Uint8Array> | undefined> => {
      const reader = (await app.request("/api/events")).body?.getReader();
      await reader?.read();
      return reader;
    };
    const readers = [];
    for (let index = 0; index < CONSOLE_LIMITS.eventStreams; index += 1) readers.push(await open());
    expect((await app.request("/api/events")).status).toBe(503);
    for (const reader of readers) await reader?.cancel();
    expect((await app.request("/api/events")).status).toBe(200);
  });
});

describe("startConsole", () => {
  it("says in one line that the port is in use, and how to build the pages", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => taken.once("listening", resolve));
    const { port } = taken.address() as { port: number };
    const options = { bus: createMemoryBus(), store, log: createLogger("console", "silent"), webRoot: join(folder, "unbuilt") };
    await expect(startConsole({ ...options, config: parseConfig({ console: { port } }, folder) })).rejects.toMatchObject({ code: "port.in_use" });
    taken.close();
    const running = await startConsole({ ...options, config: parseConfig({ console: { port: 0 } }, folder) });
    const page = await fetch(running.url);
    expect(page.status).toBe(503);
    expect(await page.text()).toContain("npm run build:web");
    await running.close();
    await expect(fetch(running.url)).rejects.toThrow();
  });
});
