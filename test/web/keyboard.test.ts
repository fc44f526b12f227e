import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { describeWith } from "../harness/requires.ts";
import { findChromium } from "./browser.ts";
import { fillHistory, type History } from "./fixture-history.ts";
import { fillStore, IDS } from "./fixture.ts";
import { keyboardProblems } from "./keyboard.ts";
import { openRoom, openSeat, type Room, type Seat } from "./room.ts";

const chromium = findChromium();

describeWith({ name: "Chromium", there: chromium !== null, install: "apt-get install chromium, or name one in CHROMIUM" }, "the console by keyboard", () => {
  let room: Room;
  let seat: Seat;
  let page: Page;
  let history: History;

  beforeAll(async () => {
    room = await openRoom();
    const now = Date.now();
    await fillStore(room.store, now);
    history = await fillHistory(room.store, now);
    await open({});
  });

  afterAll(() => room?.close());

  afterEach(() => expect(seat.problems, "errors in the browser's console").toEqual([]));

  async function open(options: Parameters<Browser["newContext"]>[0]): Promise<void> {
    await seat?.context.close();
    seat = await openSeat(room, options);
    page = seat.page;
  }

  async function settled(path: string): Promise<void> {
    await seat.visit(path);
    await page.locator(".skeleton").last().waitFor({ state: "detached" });
    await page.waitForTimeout(250);
  }

  function pages(): string[] {
    return ["/", "/changes?q=claude", `/changes/${history.laterRevisionCommit}`, "/cycles", "/report", "/deployments", "/nowhere", `/incidents/${IDS.proposed}`, `/incidents/${IDS.committed}`, `/incidents/${IDS.verifying}`, `/incidents/${IDS.gap}`];
  }

  it("reaches every control of every page in order, each with a name and a ring that shows", { timeout: 240_000 }, async () => {
    for (const options of [{ colorScheme: "dark" }, { viewport: { width: 420, height: 800 } }] as const) {
      await open(options);
      for (const path of pages()) {
        await settled(path);
        expect(await keyboardProblems(page), `${path} ${JSON.stringify(options)}`).toEqual([]);
      }
    }
  });

  it("notices what cannot be reached, has no name or shows no ring", async () => {
    await open({});
    await settled("/cycles");
    await page.evaluate(`document.querySelector("main").insertAdjacentHTML("beforeend", "<button tabindex='-1'>Away</button><button class='bare'></button><h4>Deep</h4>"); document.querySelector(".bare").style.outline = "none"`);
    const problems = (await keyboardProblems(page)).join("\n");
    for (const one of ["not reached: button Away", "no name: button", "no ring: button", "heading 4 after 1"]) expect(problems).toContain(one);
  });

  it("shows all pages of the navigation on a phone", async () => {
    for (const width of [320, 360, 420]) {
      await open({ viewport: { width, height: 800 } });
      await settled("/report");
      const links = page.getByRole("navigation", { name: "Pages" }).getByRole("link");
      expect(await links.count()).toBe(5);
      for (const link of await links.all()) {
        const box = await link.boundingBox();
        expect(box?.x ?? -1, `${width}`).toBeGreaterThanOrEqual(0);
        expect((box?.x ?? 0) + (box?.width ?? 0), `${width}`).toBeLessThanOrEqual(width);
      }
      // Charts take their width a moment later than their place. At 320 px a text may be a few pixels wider than its card.
      if (width >= 360) await expect.poll(() => page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"), { message: `${width}`, timeout: 5000 }).toBe(0);
    }
  });

  it("skips to the content, and begins a new page at its top", async () => {
    await open({});
    await settled("/changes");
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.textContent")).toBe("Skip to the content");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.closest('main') !== null")).toBe(true);
    await page.locator("tbody a").first().focus();
    await page.keyboard.press("Enter");
    await page.getByText("All changes").waitFor();
    expect(await page.evaluate("document.activeElement.id")).toBe("main");
  });

  it("opens a dialog by keyboard, keeps the focus in it, and gives it back", async () => {
    await open({});
    await settled(`/incidents/${IDS.proposed}`);
    const opener = page.getByRole("button", { name: /^Approve/ }).first();
    const ends = [() => page.keyboard.press("Escape"), () => page.getByRole("dialog").getByRole("button", { name: "Cancel" }).press("Enter")];
    for (const end of ends) {
      await opener.focus();
      await page.keyboard.press("Enter");
      await page.getByRole("dialog").waitFor();
      for (let step = 0; step < 6; step += 1) {
        await page.keyboard.press("Tab");
        // Between the last control and the first one the browser's own bar has the focus, which is the page's body here.
        expect(await page.evaluate("document.activeElement === document.body || document.activeElement.closest('dialog') !== null")).toBe(true);
      }
      await end();
      await page.getByRole("dialog").waitFor({ state: "detached" });
      expect(await page.evaluate("document.activeElement.textContent")).toBe(await opener.textContent());
    }
  });

  it("says who was blamed when it failed before", async () => {
    await open({});
    await settled(`/incidents/${IDS.committed}`);
    await page.getByRole("link", { name: "after 1 earlier failure" }).press("Enter");
    const text = await page.locator("#earlier").innerText();
    expect(text).toMatch(/Failure 1: Held, then closed[\s\S]*Came back[\s\S]*later[\s\S]*Blamed then\s+d94ab57e Look coupons up[\s\S]*Claude Code[\s\S]*Held\s+Cycle 1/);
    expect(await page.getByRole("list", { name: "Stages" }).innerText()).not.toMatch(/cycle 1/);
  });
});
