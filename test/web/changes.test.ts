import { createHash } from "node:crypto";
import { insertRows, type Store } from "@firstfix/store";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { describeWith } from "../harness/requires.ts";
import { findChromium } from "./browser.ts";
import { fillStore } from "./fixture.ts";
import { openRoom, openSeat, type Room, type Seat } from "./room.ts";

const chromium = findChromium();
const REPOSITORY = "https://git.example.com/acme/large";
/** More than one answer of the API may hold. */
const MANY = 1_230;
const now = Date.now();
const idOf = (n: number): string => createHash("sha1").update(`large ${n}`).digest("hex");
const OLDEST = idOf(MANY - 1);
const RELEASE = "e".repeat(40);

describeWith({ name: "Chromium", there: chromium !== null, install: "apt-get install chromium, or name one in CHROMIUM" }, "changes in a browser", () => {
  let room: Room;
  let seat: Seat;
  let page: Page;

  beforeAll(async () => {
    room = await openRoom();
    await fillStore(room.store, now);
    await fillLarge(room.store);
    await open({});
  });

  afterAll(() => room?.close());

  afterEach(() => expect(seat.problems.filter((one) => !/status of (400|404|409)/.test(one)), "errors in the browser's console").toEqual([]));

  async function open(options: Parameters<Browser["newContext"]>[0]): Promise<void> {
    await seat?.context.close();
    seat = await openSeat(room, options);
    page = seat.page;
  }

  const settled = async (path?: string): Promise<void> => {
    if (path !== undefined) await seat.visit(path);
    await page.locator(".change-list[aria-busy=false]").waitFor();
  };
  const text = (): Promise<string> => page.locator("main").innerText();

  it("finds the oldest of all by the beginning of its id, and keeps the search in the address", async () => {
    await settled("/changes");
    await page.getByRole("searchbox").pressSequentially(OLDEST.slice(0, 9).toUpperCase());
    await page.getByText(/^1 change that matches, of 1,2\d\d of this period/).waitFor();
    expect(await page.locator("tbody tr").innerText()).toContain("The very first");
    expect(new URL(page.url()).searchParams.get("q")).toBe(OLDEST.slice(0, 9).toUpperCase());
    expect(await page.evaluate("document.activeElement.type")).toBe("search");
    const href = await page.getByRole("link", { name: "CSV" }).getAttribute("href");
    expect((await (await fetch(new URL(href ?? "", room.url))).text()).trim().split("\n")).toHaveLength(2);
    await settled(`/changes?q=${OLDEST.slice(0, 9)}&author=human`);
    expect(await text()).toContain("No change matches");
  });

  it("ranks all of them by lines, however many are shown", async () => {
    await settled("/changes");
    await page.getByRole("button", { name: "Lines" }).click();
    await page.locator("tbody tr", { hasText: "The very first" }).first().waitFor();
    expect(await page.locator("tbody tr").first().innerText()).toContain("The very first");
    await page.getByRole("button", { name: "Lines" }).click();
    await page.locator("th[aria-sort=ascending]").waitFor();
    await settled();
    expect(await page.locator("tbody tr").first().innerText()).not.toContain("The very first");
  });

  it("is paged by keyboard, and a page can be shared", async () => {
    await settled("/changes?sort=newest");
    const last = page.getByRole("navigation", { name: "Pages of the list", exact: true }).getByRole("button", { name: "Last" });
    await last.focus();
    await page.keyboard.press("Enter");
    await page.getByText(/^1,201–1,2\d\d of 1,2\d\d changes$/).waitFor();
    expect(await page.locator("tbody tr", { hasText: "The very first" }).count()).toBe(1);
    expect(await page.evaluate("document.activeElement.dataset.step")).toBe("last");
    expect(await last.getAttribute("aria-disabled")).toBe("true");
    expect(new URL(page.url()).searchParams.get("page")).toBe("25");
    await page.goBack();
    await page.getByText(/^1–50 of/).waitFor();
    // From the end of the list: the same button at its head has the keyboard then.
    await page.getByRole("navigation", { name: "at its end" }).getByRole("button", { name: "Next" }).press("Enter");
    await page.getByText(/^51–100 of/).waitFor();
    expect(await page.evaluate("document.activeElement.dataset.step + document.activeElement.closest('nav').ariaLabel")).toBe("nextPages of the list");
    // A page that there is no more of is left for the first one.
    await settled("/changes?page=4000&q=number");
    await page.getByText(/^1–50 of/).waitFor();
  });

  it("says visibly with how many commits errors and violations are shared, and out of what", async () => {
    const said = /99\s+shared by 8 commits/;
    for (const viewport of [{ width: 1280, height: 900 }, { width: 360, height: 740 }]) {
      await open({ viewport });
      await settled("/changes?q=describe+returns");
      const row = await page.locator("tbody tr").innerText();
      expect(row).toMatch(said);
      expect(row).toMatch(/169\s+of 2,000 evaluations\s+shared by 8 commits/);
      expect(await page.locator(".shared-note").innerText()).toMatch(/^No blame:/);
      await page.locator("tbody a").first().click();
      await page.getByText("Errors and violations are no blame.").waitFor();
      expect(await page.locator(".shared-note").innerText()).toContain("8 commits came with it, and each shows these same figures");
      expect(await page.locator(".facts").innerText()).toMatch(/99\s+of 5,000 spans, shared by 8 commits[\s\S]*169\s+of 2,000 evaluations, shared by 8 commits/);
      expect(await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")).toBe(0);
    }
    await open({});
  });

  it("fits a wide screen, and says where columns are out of sight", async () => {
    for (const [width, hidden] of [[1440, false], [1280, false], [1000, true]] as const) {
      await open({ viewport: { width, height: 900 } });
      await settled("/changes");
      expect(await page.evaluate("(() => { const e = document.querySelector('.table-scroll'); return e.scrollWidth > e.clientWidth })()"), String(width)).toBe(hidden);
      expect(await page.getByText("More columns stand to the right").isVisible(), String(width)).toBe(hidden);
    }
    await open({});
  });

  it("opens a change by its short id in either case, and says what to do with one of none or of several", async () => {
    for (const id of [OLDEST.slice(0, 8), OLDEST.toUpperCase(), `${OLDEST.slice(0, 12)}/`]) {
      await seat.visit(`/changes/${id}`);
      await page.getByRole("heading", { name: "The very first" }).waitFor();
    }
    await seat.visit("/changes/ffff0000ffff");
    await page.getByText("No such commit", { exact: true }).last().waitFor();
    expect(await text()).toMatch(/ffff0000ffff[\s\S]*npx firstfix backfill/);
    await seat.visit("/changes/not-an-id");
    await page.getByText("No such commit", { exact: true }).last().waitFor();
    await seat.visit("/changes/aaaa");
    await page.getByText("The ids of 2 commits begin with aaaa.").waitFor();
    await page.getByRole("link", { name: "choose it in the list" }).click();
    await settled();
    expect(await page.locator("tbody tr", { hasText: /^aaaa/ }).count()).toBe(2);
  });

  it("tolerates a slash at the end, and a path that no text was encoded to", async () => {
    for (const [path, heading] of [["/report/", "Report"], ["/incidents/", "Incidents"], ["/changes//", "Changes"]] as const) {
      await seat.visit(path);
      await page.getByRole("heading", { name: heading, level: 1 }).waitFor();
    }
    for (const path of ["/changes/%", "/incidents/%E0%A4%A", "/%"]) {
      await seat.visit(path);
      await page.getByRole("heading", { name: "No such page" }).waitFor();
      expect(await page.title()).toBe("No such page · Firstfix");
    }
  });

  it("does not tell a line's author where only the commit is said to be an assistant's", async () => {
    const marks = async (id: string): Promise<readonly [string, number[]]> => {
      await seat.visit(`/changes/${id}`);
      await page.locator("tr.by-ai").first().waitFor();
      const of = (level: string): Promise<number> => page.locator(`tr.by-ai.${level} .diff-mark[title]`).count();
      return [await page.locator(".diff-head").first().innerText(), [await of("line"), await of("whole"), await of("disputed")]];
    };
    expect(await marks("a2274fd0")).toEqual([expect.stringMatching(/3 of 3 added lines: Cursor for the whole commit, by trailer, 55% sure/), [0, 3, 0]]);
    expect(await marks("41c9d2e0")).toEqual([expect.stringMatching(/2 of 2 added lines: evidence disagrees on Copilot/), [0, 0, 2]]);
    expect(await marks("d94ab57e")).toEqual([expect.stringMatching(/10 of 10 added lines by Claude Code/), [10, 0, 0]]);
    await seat.visit(`/changes/${idOf(1)}`);
    await page.locator(".line-list").waitFor();
    expect(await page.locator(".line-list").innerText()).toMatch(/Claude Code whole commit, by trailer, 90% sure\s+9 lines \(100%\)/);
    expect(await page.locator(".line-bar i.whole").count()).toBe(1);
    await seat.visit(`/changes/${idOf(2)}`);
    await page.locator(".line-list").waitFor();
    expect(await page.locator(".halves").innerText()).toContain("The evidence disagrees");
  });
});

async function fillLarge(store: Store): Promise<void> {
  const plain = { repository: REPOSITORY, author_name: "Robin", merge: false, authorship: "human", agent: "", model: "", channel: "", confidence: 0, conflict: false, evidence: "[]", files: 1, lines_added: 3, lines_deleted: 1, lines: [] as object[], version: 1 };
  const trailer = { channel: "trailer", agent: "Claude Code", role: "author", confidence: 0.9, raw: "Co-Authored-By: Claude" };
  const byClaude = { authorship: "ai", agent: "Claude Code", confidence: 0.9, lines_added: 9, lines: [{ authorship: "ai", agent: "Claude Code", model: "", count: 9 }] };
  const changes = Array.from({ length: MANY }, (_, n) => ({ ...plain, commit: idOf(n), committed_at: iso(now - 3_600_000 - n * 60_000), subject: `Change number ${n}` }));
  Object.assign(changes[0] ?? {}, { subject: "Describe returns in the README" });
  Object.assign(changes[1] ?? {}, { ...byClaude, evidence: JSON.stringify([trailer]) });
  Object.assign(changes[2] ?? {}, { ...byClaude, conflict: true, evidence: JSON.stringify([{ ...trailer, channel: "git-author" }, { ...trailer, agent: "Cursor" }]) });
  Object.assign(changes.at(-1) ?? {}, { subject: "The very first", lines_added: 9_000, authorship: "ai", agent: "Cursor", confidence: 0.5 });
  await insertRows(store.background, "changes", [...changes, ...["1", "2"].map((end) => ({ ...plain, commit: `aaaa${end.repeat(36)}`, committed_at: iso(now - 7_200_000), subject: "Alike" }))]);
  const place = { service: "returns", environment: "production", revision: RELEASE };
  await insertRows(store.background, "deployed_changes", changes.slice(0, 8).map(({ commit }) => ({ ...place, repository: REPOSITORY, previous: "", commit, deployed_at: iso(now - 1_800_000), bound: false, version: 1 })));
  const minute = `${iso(now - 1_200_000).slice(0, 17)}00`;
  await insertRows(store.background, "exposure", [{ ...place, minute, operation: "GET /", spans: 5_000, entries: 1_000, errors: 99 }]);
  await insertRows(store.background, "check_exposure", [{ ...place, batch_id: 1, minute, check_key: "chk_1", evaluated: 2_000, violated: 169, inconclusive: 0 }]);
}

function iso(ms: number): string {
  return new Date(ms).toISOString().replace("Z", "").replace("T", " ");
}
