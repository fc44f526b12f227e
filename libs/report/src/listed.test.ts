import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EMPTY_STATE, fold, type IncidentEvent, type Recorded } from "@firstfix/incident";
import { insertRows, openStore, type Store } from "@firstfix/store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readChanges } from "./changes.ts";
import type { IncidentFact } from "./facts/types.ts";
import { DAY_MS, REPORT_LIMITS } from "./limits.ts";
import { listChanges, type ChangesQuery } from "./listed.ts";
import type { ChangeReport } from "./types.ts";

const NOW = Date.UTC(2026, 5, 30, 12);
const REPOSITORY = "https://git.example/shop";
// More than one answer may hold, and the one that is looked for is the oldest of them.
const MANY = 1_200;
const HOSTILE = "x' OR 1=1 -- \\' %_ \u0000";

let store: Store;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "firstfix-listed-"));
  store = await openStore({ path: folder });
  const plain = { repository: REPOSITORY, author_name: "Robin", subject: "Tidy", authorship: "human", agent: "", model: "", lines_added: 1, teams: [] as string[], version: 1 };
  await insertRows(store.background, "changes", [
    ...Array.from({ length: MANY }, (_, i) => ({ ...plain, commit: i.toString(16).padStart(40, "0"), committed_at: new Date(NOW - i * 1000) })),
    { ...plain, commit: `d94ab57e${"1".repeat(32)}`, committed_at: new Date(NOW - 9_000_000), subject: "Ändere den Gutschein", author_name: "Zoë Ångström", authorship: "ai", agent: "Claude Code", model: "opus-4", lines_added: 5_000, teams: ["@acme/pay"] },
    { ...plain, commit: `d94ab57e${"2".repeat(32)}`, committed_at: new Date(NOW - 8_000_000), subject: HOSTILE, authorship: "strange" },
    { ...plain, commit: "9".repeat(40), committed_at: new Date(NOW - 8_500_000), subject: "Ändere, merged", merge: true },
  ]);
});

afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

const list = (query: Partial<ChangesQuery>): Promise<ChangeReport> => readChanges(store, EMPTY_STATE, { limit: 10, order: "newest", ...query }, NOW);

/** What the journal holds of an incident that blames a commit. */
function blamedBy(incidentId: string, when: { readonly commit: string; readonly authoredAt: number; readonly committedAt: number }): Recorded[] {
  const deployment = { service: "shop", environment: "production", revision: "b".repeat(40), repository: REPOSITORY, firstSeen: NOW - 5_000 };
  const witness = { traceId: "4b792f3577334d26234e121d0e0e4736", spanId: "0070672a0b290237", operation: "GET /", time: NOW };
  const suspect = { ...when, subject: "Break it", authorName: "Sam", score: 0.9, parts: [], attribution: { authorship: "human", agent: "", model: "", confidence: 0.9, evidence: [] }, diff: "", assistantLines: {} } as const;
  const events: IncidentEvent[] = [
    { kind: "deployment.seen", deployment },
    { kind: "incident.opened", incidentId, deployment, finding: { kind: "error", key: incidentId, title: "TypeError: x", witness, count: 1, firstSeen: NOW } },
    { kind: "suspects.ranked", incidentId, ranking: { good: null, bad: deployment.revision, candidates: 1, abstained: null, suspects: [suspect] } },
  ];
  return events.map((event, index) => ({ entryId: `${incidentId}-${index}`, at: NOW, actor: "correlator", event }));
}

describe("the list of commits", () => {
  it.each([["d94ab57e1"], ["D94AB57E1"], ["äNDERE gutsch"], ["ångström"], ["claude OPUS"], ["@acme"], ["d94a zoë"]])("finds by %s what is older than one answer holds", async (q) => {
    const found = await list({ q });
    expect(found.rows.map((row) => row.subject)).toEqual(["Ändere den Gutschein"]);
    expect([found.matching, found.all, found.more]).toEqual([1, MANY + 2, 0]);
  });

  it.each([["x' OR 1=1"], ["\\'"], ["%_"], [HOSTILE], ["') OR ('1'='1"], ["*/ --"]])("takes %j for words and for nothing else", async (q) => {
    const { rows } = await list({ q });
    expect(rows.map((row) => row.subject)).toEqual(q.startsWith("')") || q.startsWith("*") ? [] : [HOSTILE]);
  });

  it("ranks by lines what is older than one answer holds, and pages to the end", async () => {
    expect((await list({ order: "lines" })).rows[0]).toMatchObject({ subject: "Ändere den Gutschein", linesAdded: 5_000 });
    const last = await list({ limit: 1_000, offset: 1_000 });
    expect([last.rows.length, last.more, last.matching]).toEqual([MANY + 2 - 1_000, 0, MANY + 2]);
    expect(last.rows.at(-1)?.subject).toBe("Ändere den Gutschein");
    expect(await list({ offset: 5_000 })).toMatchObject({ rows: [], more: 0, matching: MANY + 2 });
  });

  it("is of one kind of author; what is no kind is unknown", async () => {
    expect((await list({ author: "ai" })).matching).toBe(1);
    expect((await list({ author: "human" })).matching).toBe(MANY);
    expect((await list({ author: "unknown" })).rows.map((row) => [row.subject, row.authorship])).toEqual([[HOSTILE, "unknown"]]);
  });

  it("tells an empty period from words that nothing matches", async () => {
    expect(await list({ q: "nowhere" })).toMatchObject({ matching: 0, all: MANY + 2, notes: [] });
    expect((await list({ until: 1 })).notes).toEqual([expect.stringContaining("firstfix backfill")]);
  });

  it("shows a blamed commit that was not looked up in the period in which it was committed, however old its author's date is", async () => {
    const [commit, old] = ["e".repeat(40), "f".repeat(40)];
    const state = fold(EMPTY_STATE, [...blamedBy("inc_1", { commit, authoredAt: NOW - 90 * DAY_MS, committedAt: NOW - 500 }), ...blamedBy("inc_2", { commit: old, authoredAt: NOW - 500, committedAt: NOW - 90 * DAY_MS })]);
    const during = async (query: Partial<ChangesQuery>): Promise<[string, number][]> => (await readChanges(store, state, { limit: 2, order: "newest", ...query }, NOW)).rows.map((row) => [row.commit, row.committedAt]);
    expect(await during({ since: NOW - 750 })).toEqual([["0".repeat(40), NOW], [commit, NOW - 500]]);
    expect(await during({ until: NOW - 80 * DAY_MS })).toEqual([[old, NOW - 90 * DAY_MS]]);
  });

  it("stays within what the engine takes as a statement, however much is blamed and whatever strangers call it", async () => {
    const long = "修'".repeat(2_000);
    const blaming = (commit: string): IncidentFact => ({ episode: { cycles: [{}], outcome: "closed", openedAt: 1, closedAt: 9, ranking: { abstained: null, suspects: [{ commit, subject: long, authorName: long, authoredAt: NOW, attribution: { authorship: "ai", agent: long, model: long } }] } } }) as unknown as IncidentFact;
    const blames = new Map(Array.from({ length: 3_000 }, (_, i) => [`${i % 9 === 0 ? `https://git.example/${"r".repeat(900)}-${i}` : REPOSITORY}\n${i.toString(16).padStart(64, "0")}`, [blaming(i.toString(16).padStart(64, "0"))]] as const));
    for (const order of ["incidents", "recovery", "errors"] as const) {
      const found = await listChanges(store, { limit: 1_000, order, q: "'".repeat(200), author: "ai" }, blames, blames);
      expect([found.all + found.left, found.matching], order).toEqual([MANY + 2 + 3_000, 0]);
      expect(found.all - MANY - 2).toBeGreaterThan(20);
    }
    expect(REPORT_LIMITS.rankedBytes + REPORT_LIMITS.rankedUnreadBytes).toBeLessThan(256 * 1024 * 0.8);
  });

  it.each([[{ limit: 0 }, "limit is a whole number"], [{ limit: 1_001 }, "limit is"], [{ offset: -1 }, "offset is a whole number from 0 to 200000"], [{ offset: 1.5 }, "offset is"], [{ offset: 200_001 }, "offset is"], [{ q: "a".repeat(201) }, "at most 8 words and 200"], [{ q: "a b c d e f g h i" }, "at most 8 words"]])("refuses %j and says what is allowed", async (query, hint) => {
    await expect(list(query)).rejects.toMatchObject({ code: "bad_request", hint: expect.stringContaining(hint) as string });
  });
});
