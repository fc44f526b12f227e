import { fold, EMPTY_STATE, type DeploymentRef, type Finding, type IncidentEvent } from "@firstfix/incident";
import { newId } from "@firstfix/kit";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Store } from "./api.ts";
import { appendEvents, journalEvents } from "./journal.ts";
import { before, JournalTail, tailJournal } from "./tail.ts";
import { temporaryStore } from "./testing/store.ts";

const DEPLOYMENT: DeploymentRef = { service: "shop", environment: "production", revision: "a".repeat(40), repository: "https://example.org/shop.git", firstSeen: 1_790_000_000_000 };
const FINDING: Finding = { kind: "error", key: "grp_1", title: "TypeError: it's \"x\"\n\\", witness: { traceId: "a", spanId: "b", operation: "GET /", time: 1 }, count: 1, firstSeen: 1 };
const OPENED: IncidentEvent = { kind: "incident.opened", incidentId: "inc_1", deployment: DEPLOYMENT, finding: FINDING };
const SEEN: IncidentEvent = { kind: "deployment.seen", deployment: DEPLOYMENT };
const progress = (says: string): IncidentEvent => ({ kind: "fix.progress", incidentId: "inc_1", says });

let temporary: Awaited<ReturnType<typeof temporaryStore>>;
let store: Store;

beforeAll(async () => {
  temporary = await temporaryStore();
  store = temporary.store;
});
afterAll(() => temporary.dispose());
beforeEach(async () => {
  await store.background.command({ query: "TRUNCATE TABLE journal" });
});

describe("journal", () => {
  it("gives back every event as it was, in order, and so the same state", async () => {
    const written = await appendEvents(store, "correlator", [{ event: SEEN }, { event: OPENED }, { event: { kind: "proposal.approved", incidentId: "inc_1", proposalId: "pro_1" } }]);
    const read = journalEvents(await store.journal.read());
    expect(read).toEqual(written);
    expect(fold(EMPTY_STATE, read)).toEqual(fold(EMPTY_STATE, written));
    expect(read[1]?.entryId.localeCompare(read[0]?.entryId ?? "")).toBe(1);
  });
});

describe("a long journal", () => {
  it("is not read whole by whoever asks for what is new", async () => {
    const rows = 200_000;
    // 1,000 incidents one after another, their ids in no order; then the newest entries, of three of them.
    await store.background.command({ query: `INSERT INTO journal SELECT concat('jrn_', leftPad(toString(number), 26, '0')), now64(3), 'fix.progress', concat('inc_', hex(cityHash64(intDiv(number, 200)))), 'x', '{}' FROM numbers(${rows})` });
    await store.background.command({ query: `INSERT INTO journal SELECT concat('jrn_', leftPad(toString(${rows} + number), 26, '0')), now64(3), 'fix.progress', concat('inc_', hex(cityHash64(997 + number % 3))), 'x', '{}' FROM numbers(9)` });
    const after = `jrn_${String(rows - 1).padStart(26, "0")}`;
    expect(await store.journal.read({ after })).toHaveLength(9);
    const answer = await store.background.query({ query: `SELECT * FROM journal FINAL WHERE entry_id > '${after}' ORDER BY entry_id`, format: "JSON" });
    const { statistics } = await answer.json();
    // Where the index is missing it reads all 200,009.
    expect(statistics?.rows_read).toBeLessThan(rows / 10);
  });
});

describe("JournalTail", () => {
  it("holds the state of the whole journal, and hears of each entry once", async () => {
    const heard: string[] = [];
    const tail = new JournalTail(store, (_, entries) => heard.push(...entries.map(({ entryId }) => entryId)));
    const written = [...(await appendEvents(store, "x", [{ event: SEEN }, { event: OPENED }]))];
    await tail.refresh();
    await tail.refresh();
    written.push(...(await appendEvents(store, "x", [{ event: progress("1") }])));
    await Promise.all([tail.refresh(), tail.refresh(), tail.refresh()]);
    expect(heard).toEqual(written.map(({ entryId }) => entryId));
    expect(tail.state).toEqual(fold(EMPTY_STATE, written));
  });

  it("puts an entry that turns up late where it belongs", async () => {
    const [early, late] = [newId("jrn"), newId("jrn")];
    const tail = new JournalTail(store);
    await appendEvents(store, "x", [{ event: OPENED }]);
    // Made by another process a moment earlier, written a moment later.
    const [last] = await appendEvents(store, "x", [{ event: progress("2") }]);
    await tail.refresh();
    await appendEvents(store, "other", [{ event: SEEN, entryId: early }, { event: OPENED, entryId: late }]);
    await tail.refresh();
    expect(tail.state).toEqual(fold(EMPTY_STATE, journalEvents(await store.journal.read())));
    expect(tail.state.deployments.size).toBe(1);
    expect(tail.state.lastEntryId).toBe(last?.entryId);
  });

  it("hears of new entries by polling, until it is closed", async () => {
    let changes = 0;
    const changed = Promise.withResolvers<undefined>();
    const tail = await tailJournal(
      store,
      () => {
        changes += 1;
        changed.resolve(undefined);
      },
      { pollMs: 20 },
    );
    expect(changes).toBe(0);
    await appendEvents(store, "x", [{ event: OPENED }]);
    await changed.promise;
    expect(tail.state.incidents.has("inc_1")).toBe(true);
    await tail.close();
  });

  it("counts back in an id's own time", () => {
    const id = newId("jrn");
    expect(before(id, 0) <= id).toBe(true);
    expect(before(id, 0).slice(0, 14)).toBe(id.slice(0, 14));
    expect(before(id, 5000) < before(id, 4999)).toBe(true);
    expect(before("jrn_00000000000000000000000000", 5000)).toBe("jrn_0000000000");
    expect(before("another shape", 5000)).toBe("");
  });
});
