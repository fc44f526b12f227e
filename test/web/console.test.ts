import { appendEvents, type Store } from "@firstfix/store";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { describeWith } from "../harness/requires.ts";
import { findChromium } from "./browser.ts";
import { fillStore, GROUPS, IDS, PROPOSAL, REVISIONS } from "./fixture.ts";
import { openRoom, openSeat, type Room, type Seat } from "./room.ts";

const chromium = findChromium();

describeWith({ name: "Chromium", there: chromium !== null, install: "apt-get install chromium, or name one in CHROMIUM" }, "the console in a browser", () => {
  let room: Room;
  let store: Store;
  let seat: Seat;
  let page: Page;

  beforeAll(async () => {
    room = await openRoom();
    store = room.store;
    await fillStore(store, Date.now());
    await open({});
  });

  afterAll(() => room?.close());

  afterEach(() => expect(seat.problems, "errors in the browser's console").toEqual([]));

  async function open(options: Parameters<Browser["newContext"]>[0]): Promise<void> {
    seat = await openSeat(room, options);
    page = seat.page;
  }

  function visit(path: string): Promise<void> {
    return seat.visit(path);
  }

  it("lists the incidents, those that need a person first", async () => {
    await visit("/");
    const rows = page.locator("ul[aria-label=Incidents] > li");
    await rows.first().waitFor();
    expect(await rows.count()).toBe(6);
    const first = await rows.first().innerText();
    expect(first).toMatch(/Needs approval/);
    expect(first).toMatch(/TypeError: Cannot read properties of undefined/);
    expect(first).toMatch(/d94ab57e Look coupons up/);
    expect(first).toMatch(/Claude Code · Opus 4\.5 · 97%/);
    await page.getByRole("button", { name: /^Closed/ }).click();
    expect(await rows.count()).toBe(1);
    expect(await rows.first().innerText()).toMatch(/The total of an order is never below zero/);
  });

  it("shows an incident with every part of its evidence", async () => {
    await visit("/");
    await page.getByText("TypeError: Cannot read properties of undefined").click();
    await page.locator("#fix").waitFor();
    expect(new URL(page.url()).pathname).toBe(`/incidents/${IDS.proposed}`);
    expect(await page.getByRole("list", { name: "Stages" }).innerText()).toMatch(/Opened[\s\S]*Suspect[\s\S]*\+1\.4 s[\s\S]*Approved\s+next/);
    const broke = page.locator("#broke");
    expect(await broke.innerText()).toMatch(/discountFor\s+src\/coupons\.js:14/);
    expect(await broke.getByRole("img").first().getAttribute("aria-label")).toMatch(/errors in [\d,]+ requests .*b71e04c9/);
    expect(await broke.locator(".marker.guilty").innerHTML()).toContain("b71e04c9");
    await broke.getByText("Show 5 frames outside the application").click();
    expect(await broke.locator(".frames li").count()).toBe(7);
    await broke.locator(".span-row").nth(3).waitFor();
    expect(await broke.locator(".span-row").count()).toBe(6);
    expect(await broke.locator(".span-detail").first().innerText()).toMatch(/captured variables[\s\S]*"SPRING24"[\s\S]*exception\.type/i);
    await broke.locator(".span-row").nth(3).press("Enter");
    expect(await broke.getByText("SELECT * FROM carts WHERE id = $1").isVisible()).toBe(true);

    const change = page.locator("#change");
    expect(await change.innerText()).toMatch(/It wrote src\/coupons\.js:14[\s\S]*git-ai note[\s\S]*Co-Authored-By: Claude/);
    expect(await change.locator("tr.by-ai").count()).toBe(10);
    const fix = page.locator("#fix");
    expect(await fix.innerText()).toMatch(/Reproduced[\s\S]*Guard discountFor[\s\S]*Verified[\s\S]*6 of 6 steps that ran passed, 1 skipped/i);
    await fix.getByText("Tests pass", { exact: true }).first().click();
    expect(await fix.getByText("ℹ pass 24").first().isVisible()).toBe(true);
  });

  it("shows a violated requirement with what was observed", async () => {
    await visit(`/incidents/${IDS.closed}`);
    const text = await page.locator("main").innerText();
    expect(text).toMatch(/Held in production\.[\s\S]*0 failures in 168 trials/);
    expect(text).toMatch(/Requirement 1\.2[\s\S]*THE shop SHALL charge a total of zero or more/);
    expect(text).toMatch(/\.kiro\/specs\/checkout\/requirements\.md:14[\s\S]*shop\.order\.total = -2000/);
    expect(text).toMatch(/committed as 7d1f9a03 on firstfix\/inc_81b2d4f60a9c3e57[\s\S]*Held\s+Cycle 1, deployed as e80d55f2/);
  });

  it("says what to do next, and why no commit is named", async () => {
    await visit(`/incidents/${IDS.committed}`);
    expect(await page.locator("main").innerText()).toMatch(/Merge and deploy the fix\.[\s\S]*git merge firstfix\/inc_2b6e8d0f4a7c9153/);
    await visit(`/incidents/${IDS.fixing}`);
    expect(await page.locator("#change").innerText()).toMatch(/No commit is named\.[\s\S]*below the least that names a suspect/);
    await visit(`/incidents/${IDS.gap}`);
    expect(await page.locator("main").innerText()).toMatch(/Firstfix knows no repository[\s\S]*Add it: firstfix repo add[\s\S]*No commit could be looked for: see the note above/);
  });

  it("makes no ranking of an abstention", async () => {
    await visit(`/incidents/${IDS.fixing}`);
    const change = page.locator("#change");
    expect(await change.innerText()).toMatch(/Firstfix abstains: The best score, 1\.2%, is below the least that names a suspect \(35%\)\. No frame[^.]*\. A wrong suspect[\s\S]*3 commits, none of them named; all as likely as each other/);
    await change.getByText("What came nearest").click();
    await change.getByText("Tidy up module 3").waitFor();
    expect(await change.innerText()).not.toMatch(/guilty|confidence|Claude|\.\.|0\.01/);
    expect(await change.locator(".rank").count()).toBe(0);
    expect(await change.locator(".tag").count()).toBe(0);
  });

  it("keeps hostile text inert", async () => {
    await visit(`/incidents/${IDS.gap}`);
    await page.locator(".span-detail").first().waitFor();
    expect(await page.locator("h1").innerText()).toContain("<script>window.pwned=1</script>");
    expect(await page.evaluate("window.pwned")).toBeUndefined();
    expect(await page.locator("main img").count()).toBe(0);
    expect(await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")).toBe(0);
  });

  it("shows evidence that disagrees, and which decides", async () => {
    await visit(`/incidents/${IDS.closed}`);
    expect(await page.locator("#change").innerText()).toMatch(/Evidence disagrees\. Trailer says Claude Code, author of the commit says Copilot: the author of the commit decides[\s\S]*3\s+Copilot[\s\S]*4\s+Claude Code/);
  });

  it("shows what happens without a reload", async () => {
    await visit(`/incidents/${IDS.fixing}`);
    await page.evaluate("window.same = true");
    await appendEvents(store, "fixer", [{ event: { kind: "fix.progress", incidentId: IDS.fixing, says: "Trying candidate 3 of 9" } }]);
    await page.locator("#fix").getByText("Trying candidate 3 of 9").waitFor({ timeout: 5000 });
    await appendEvents(store, "fixer", [{ event: { kind: "fix.ended", incidentId: IDS.fixing, round: 1, candidates: 9, verified: 0, says: "9 candidates tried, none verified." } }]);
    await page.getByText("No fix is verified yet. 9 candidates tried, none verified.").waitFor({ timeout: 5000 });
    expect(await page.evaluate("window.same")).toBe(true);
    expect(await page.locator(".live").innerText()).toBe("Live");
  });

  it("approves with a name, once, and writes it in the journal", async () => {
    await visit(`/incidents/${IDS.proposed}`);
    const proposal = page.locator(`[data-proposal=${PROPOSAL}]`);
    await proposal.getByRole("button", { name: "Approve this fix…" }).click();
    const dialog = page.getByRole("dialog");
    const submit = dialog.getByRole("button", { name: /^Approve/ });
    expect(await submit.isDisabled()).toBe(true);
    expect(await store.journal.read({ kinds: ["proposal.approved"], subject: IDS.proposed })).toEqual([]);
    await dialog.getByLabel("Your name").fill("Robin");
    await submit.click();
    await proposal.getByText("Approved by Robin").waitFor({ timeout: 5000 });
    expect(await store.journal.read({ kinds: ["proposal.approved"], subject: IDS.proposed })).toMatchObject([{ actor: "person:Robin", data: { proposalId: PROPOSAL } }]);
    expect(await page.getByRole("button", { name: "Approve this fix…" }).count()).toBe(0);
    expect(await page.evaluate("localStorage.getItem('firstfix.name')")).toBe("Robin");
    await appendEvents(store, "fixer", [{ event: { kind: "proposal.committed", incidentId: IDS.proposed, proposalId: PROPOSAL, commit: "ab".repeat(20), branch: "firstfix/coupon" } }]);
    await proposal.getByText("git merge firstfix/coupon").waitFor({ timeout: 5000 });
  });

  it("splits an error group and merges another, after asking", async () => {
    await visit(`/incidents/${IDS.proposed}`);
    await page.getByText("Error group", { exact: true }).click();
    const group = page.locator("#broke .fold", { hasText: "Error group" });
    const boxes = group.getByRole("checkbox");
    await boxes.first().waitFor();
    expect(await boxes.count()).toBe(2);
    expect(await group.getByRole("button", { name: "Split off" }).isDisabled()).toBe(true);
    await boxes.last().check();
    await group.getByRole("button", { name: "Split off 1…" }).click();
    const dialog = page.getByRole("dialog");
    expect(await store.journal.read({ kinds: ["group.split"] })).toEqual([]);
    await dialog.getByLabel("Your name").fill("Robin");
    await dialog.getByRole("button", { name: "Split as Robin" }).click();
    await dialog.waitFor({ state: "detached" });
    expect(await store.journal.read({ kinds: ["group.split"] })).toMatchObject([{ actor: "person:Robin", data: { group: GROUPS.coupon } }]);
    await group.getByText("Its own incident opens in a moment").waitFor({ timeout: 5000 });
    await group.getByLabel("Another incident or group").fill("shop econnrefused");
    await page.keyboard.press("Tab");
    const merge = group.getByRole("button", { name: /^Merge into this: ConnectionError/ });
    await merge.focus();
    await page.keyboard.press("Enter");
    await dialog.getByRole("button", { name: "Merge as Robin" }).click();
    await group.getByText("Merged into it by hand").waitFor({ timeout: 5000 });
    expect(await store.journal.read({ kinds: ["groups.merged"] })).toMatchObject([{ actor: "person:Robin", data: { into: GROUPS.coupon } }]);
  });

  it("tells both incidents who merged them, and shows the merged one as such", async () => {
    await visit(`/incidents/${IDS.proposed}`);
    expect(await page.locator("#history").innerText()).toMatch(/Robin\s+Merged by hand: \S+ \(ConnectionError[^)]*\) counts for this one[\s\S]*Robin\s+Split by hand: one kind of error/);
    await appendEvents(store, "correlator", [{ event: { kind: "incident.merged", incidentId: IDS.fixing, into: IDS.proposed, says: "Its error group was merged." } }]);
    await visit(`/incidents/${IDS.fixing}`);
    await page.getByText(`Merged into ${IDS.proposed}`).first().waitFor({ timeout: 5000 });
    const rail = page.getByRole("list", { name: "Stages" });
    expect(await rail.innerText()).toMatch(/^Opened[\s\S]*Merged[\s\S]*into inc_/);
    expect(await rail.innerText()).not.toMatch(/Closed|not recorded/);
    expect(await rail.getAttribute("class")).toBe("rail");
    expect(await page.locator("#history").innerText()).toMatch(/Robin\s+Merged by hand into \S+ \(TypeError/);
    expect(await page.locator(".pill").first().innerText()).toBe("Merged");
  });

  it("shows cycles, changes and deployments", async () => {
    await visit("/cycles");
    const rows = page.locator("tbody tr");
    await rows.first().waitFor();
    expect(await rows.allInnerTexts()).toEqual([expect.stringMatching(/Pending[\s\S]*0c47ab19/), expect.stringMatching(/Failed[\s\S]*52\s+9/), expect.stringMatching(/Held[\s\S]*168\s+0/), expect.stringMatching(/Held[\s\S]*240\s+0/)]);
    await page.getByRole("link", { name: "Changes" }).click();
    await page.getByText("Look coupons up").first().waitFor();
    // Known from a ranking only: what nobody looked up is not shown as nothing.
    expect(await page.locator("tbody tr", { hasText: "d94ab57e" }).innerText()).toMatch(/Claude Code[\s\S]*not looked up/);
    await page.getByRole("link", { name: "Deployments" }).click();
    await page.getByText(REVISIONS.cycle2.slice(0, 8)).first().waitFor();
    await page.getByText("bindings.yaml:7").waitFor();
  });

  it("follows the system's dark colours, and the toggle over them", async () => {
    await seat.context.close();
    await open({ colorScheme: "dark" });
    await visit("/");
    const background = (): Promise<unknown> => page.evaluate("getComputedStyle(document.body).backgroundColor");
    expect(await background()).toBe("rgb(13, 16, 22)");
    const toggle = page.getByRole("button", { name: /^Colours/ });
    await toggle.click();
    await toggle.click();
    expect(await background()).toBe("rgb(245, 246, 248)");
    await page.reload();
    expect(await background()).toBe("rgb(245, 246, 248)");
  });

  it("fits a narrow screen", async () => {
    await seat.context.close();
    await open({ viewport: { width: 400, height: 800 } });
    for (const path of ["/", `/incidents/${IDS.proposed}`, `/incidents/${IDS.verifying}`, "/changes", "/cycles", "/report", "/deployments"]) {
      await visit(path);
      await page.waitForLoadState("networkidle", { timeout: 1500 }).catch(() => {});
      expect(await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"), path).toBe(0);
      // What is long begins folded, so that a phone shows the whole of an incident in a few screens.
      if (path.startsWith("/incidents")) expect(await page.evaluate("document.documentElement.scrollHeight"), path).toBeLessThan(4500);
    }
  });
});
