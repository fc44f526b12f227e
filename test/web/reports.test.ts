import type { ChangeReport, CycleSpread, Report, TrendPoint } from "@firstfix/report";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { describeWith } from "../harness/requires.ts";
import { findChromium } from "./browser.ts";
import { contrastProblems } from "./contrast.ts";
import { fillHistory, SEARCH, type History } from "./fixture-history.ts";
import { openRoom, openSeat, type Room, type Seat } from "./room.ts";

const chromium = findChromium();

describeWith({ name: "Chromium", there: chromium !== null, install: "apt-get install chromium, or name one in CHROMIUM" }, "reports in a browser", () => {
  let room: Room;
  let history: History;
  let seat: Seat;
  let page: Page;

  beforeAll(async () => {
    room = await openRoom();
    history = await fillHistory(room.store, Date.now());
    await open({});
  });

  afterAll(() => room?.close());

  afterEach(() => expect(seat.problems, "errors in the browser's console").toEqual([]));

  async function open(options: Parameters<Browser["newContext"]>[0]): Promise<void> {
    await seat?.context.close();
    seat = await openSeat(room, options);
    page = seat.page;
  }

  /** What the API says of the period that the page shows by itself. */
  async function told<T>(path: string): Promise<T> {
    const day = 86_400_000;
    const since = Math.floor(Date.now() / day) * day - 180 * day;
    const answer = await fetch(`${room.url}/api/reports${path}${path.includes("?") ? "&" : "?"}since=${since}`);
    expect(answer.status, path).toBe(200);
    return (await answer.json()) as T;
  }

  async function shown(path: string, selector: string): Promise<void> {
    await seat.visit(path);
    await page.locator(selector).first().waitFor();
  }

  it("shows the headline figures that the API gives, with what they count and the published lines", async () => {
    await shown("/report", ".headline");
    const report = await told<Report>("?by=assistant");
    for (const key of ["aiLines", "debuggedAi", "oneCycle", "changeFail"]) {
      const figure = report.total.figures[key];
      const text = await page.locator(`[data-measure=${key}]`).innerText();
      const of = `${figure?.numerator?.toLocaleString("en")} of ${figure?.denominator.toLocaleString("en")}`;
      expect(text, key).toContain(of);
      expect(text, key).toContain(`${Math.round((figure?.value ?? 0) * 100)}%`);
      expect(text, key).toContain("95% interval");
    }
    expect(await page.locator("[data-measure=debuggedAi]").innerText()).toMatch(/43% of AI-generated changes: Lightrun/);
    expect(await page.locator("[data-measure=aiLines]").innerText()).toMatch(/25% of the code of Microsoft and of Google, as they report/);
    expect(await page.locator("[data-measure=aiLines]").innerText()).toMatch(/At least: for [\d.]+% of the lines nothing says who wrote them/);
    // Lines are not all: commits and what stands are counted beside them, each beside its line.
    const commits = report.total.figures["aiCommits"];
    expect(await page.locator("[data-measure=aiLines] .headline-beside").innerText()).toContain(`${commits?.numerator} of ${commits?.denominator}; beside 25%`);
    expect(await page.locator("[data-measure=oneCycle] .headline-beside").innerText()).toMatch(/beside 88%[^]*beside 11%/);
    await page.locator("[data-measure=debuggedAi] summary").click();
    expect(await page.locator("[data-measure=debuggedAi]").innerText()).toMatch(/Out of: AI-authored changes first deployed/);
  });

  it("compares rows beside their size, and says why a larger one is not worse", async () => {
    await shown("/report", "#compare tbody tr");
    const report = await told<Report>("?by=assistant");
    const rows = page.locator("#compare tbody tr");
    expect(await rows.count()).toBe(report.rows.length);
    for (const [index, row] of report.rows.entries()) {
      const figure = row.figures["debugged"];
      const text = await rows.nth(index).innerText();
      expect(text).toContain(row.label.slice(0, 60));
      expect(text).toContain(row.size.changes.toLocaleString("en"));
      if (figure?.value !== null && figure !== undefined) expect(text).toContain(`${figure.numerator} of ${figure.denominator}`);
      // Too few to compare is said in words, and drawn hollow.
      expect(await rows.nth(index).locator(".interval.weak").count()).toBe(figure?.value != null && figure.warning !== null ? 1 : 0);
    }
    await page.getByText(/pairs? without a verdict/).click();
    expect(await page.locator("#compare").innerText()).toMatch(/Claude Code and Cursor are not compared: the changes of Cursor were [\d.]+ times larger/);
  });

  it("says which rows it compared, and of a figure that is not among these which it shows instead", async () => {
    await shown("/report?measure=aiLines", "#compare tbody tr");
    const { compared, rows } = await told<Report>("?by=assistant");
    expect(compared.rows.length).toBeLessThan(rows.length);
    expect(await page.locator("#compare .compared").innerText()).toMatch(new RegExp(`the ${compared.rows.length} largest rows.*; ${compared.left} smaller.*unknown authors`));
    expect(await page.locator("#compare [role=status]").innerText()).toBe("AI code share, lines written is all or nothing of one author: see the total above. Shown instead: Changes that needed debugging.");
    expect(await page.locator("#compare option[value=aiLines]").count()).toBe(0);
    await shown("/report?by=repository&measure=linesShare", "#compare tbody tr");
    expect(await page.locator("#compare [role=status]").innerText()).toContain("no figure “linesShare”");
  });

  it("keeps its choices in the address", async () => {
    await shown("/report", "#compare tbody tr");
    await page.getByRole("button", { name: "Service" }).click();
    await page.locator("#compare tbody th", { hasText: "catalogue" }).waitFor();
    await page.locator("#compare select").selectOption("changeFail");
    await page.getByLabel("Repository").selectOption(SEARCH);
    await page.locator("#compare tbody th", { hasText: "catalogue" }).waitFor({ state: "detached" });
    const address = page.url();
    expect(new URL(address).searchParams.toString()).toBe(new URLSearchParams({ by: "service", measure: "changeFail", repository: SEARCH }).toString());
    await page.goto("about:blank");
    await page.goto(address);
    await page.locator("#compare tbody tr").first().waitFor();
    expect(await page.locator("#compare tbody tr").first().innerText()).toMatch(/^search/);
    expect(await page.locator("#compare tbody th", { hasText: "catalogue" }).count()).toBe(0);
    expect(await page.locator("#compare select").inputValue()).toBe("changeFail");
    await page.goBack();
    const href = await page.goto(address).then(() => page.getByRole("link", { name: "CSV" }).getAttribute("href"));
    expect(href).toMatch(/by=service.*repository=https.*format=csv/);
    const csv = await (await fetch(new URL(href ?? "", room.url))).text();
    expect(csv).toMatch(/service,service:search,search/);
  });

  it("charts the weeks with a table of the same numbers", async () => {
    await shown("/report", "#trend svg");
    const points = await told<TrendPoint[]>("/trend");
    expect(points.length).toBeGreaterThan(12);
    expect(await page.locator("#trend svg").getAttribute("aria-label")).toMatch(/added lines by assistants .*table below/);
    await page.getByText("The numbers as a table").press("Enter");
    expect(await page.locator("#trend tbody tr").count()).toBe(points.length);
    const newest = points.at(-1);
    expect(await page.locator("#trend tbody tr").first().innerText()).toContain((newest?.linesAi ?? -1).toLocaleString("en"));
    await page.locator("#trend").getByRole("button", { name: "Lines" }).click();
    expect(new URL(page.url()).searchParams.get("trend")).toBe("lines");
  });

  it("shows redeploys beside the survey, and DORA by authorship", async () => {
    await shown("/report", ".spreads li");
    const spreads = (await told<CycleSpread[]>("/cycles?by=assistant")).filter((one) => one.closed > 0);
    expect(spreads.some((one) => one.fourOrMore > 0)).toBe(true);
    const bars = page.locator(".spreads li .spread-bar");
    expect(await bars.count()).toBe(spreads.length + 1);
    expect(await bars.first().getAttribute("aria-label")).toBe(`All: one ${spreads[0]?.one}, two or three ${spreads[0]?.twoOrThree}, four or more ${spreads[0]?.fourOrMore}`);
    expect(await bars.last().getAttribute("aria-label")).toBe("Survey: one 0%, two or three 88%, four or more 11%");
    await page.locator("#dora tbody tr").first().waitFor();
    const dora = await told<Report>("?by=authorship");
    const people = dora.rows.find((one) => one.key === "human")?.figures["changeFail"];
    expect(await page.locator("#dora tr", { hasText: "People" }).innerText()).toContain(`${people?.numerator} of ${people?.denominator}`);
  });

  it("says what to do where there is nothing", async () => {
    await shown("/report?repository=https%3A%2F%2Fgit.example.com%2Fnone", ".empty");
    expect(await page.locator("main").innerText()).toMatch(/npx firstfix backfill/);
    await shown("/changes?repository=https%3A%2F%2Fgit.example.com%2Fnone", ".empty");
    expect(await page.locator("main").innerText()).toMatch(/npx firstfix backfill/);
  });

  it("lists changes, to search and to sort by keyboard", async () => {
    await shown("/changes", "tbody tr");
    const report = await told<ChangeReport>("/changes?limit=1000&order=incidents");
    expect(await page.locator("main").innerText()).toContain(`1–50 of ${report.matching} changes`);
    expect(await page.locator("tbody tr").first().innerText()).toContain(report.rows[0]?.commit.slice(0, 8));
    await page.getByRole("button", { name: "Redeploys" }).focus();
    await page.keyboard.press("Enter");
    const most = Math.max(...report.rows.map((one) => one.redeploys));
    expect(most).toBeGreaterThanOrEqual(5);
    await page.locator("th[aria-sort]").waitFor();
    await page.locator(".change-list[aria-busy=false]").waitFor();
    expect((await page.locator("tbody tr").first().innerText()).trim()).toMatch(new RegExp(`\\s${most}$`));
    expect(await page.locator("th[aria-sort]").innerText()).toContain("Redeploys");
    await page.getByRole("searchbox").fill("cursor gpt-5.1");
    await page.getByRole("button", { name: "Assistants" }).click();
    const cursor = report.rows.filter((one) => one.agent === "Cursor").length;
    await page.getByText(new RegExp(`^${cursor} changes that match, of ${report.all} of this period`)).waitFor();
    expect(new URL(page.url()).searchParams.get("q")).toBe("cursor gpt-5.1");
  });

  it("shows a change that ran inside a later revision with what that revision served", async () => {
    const report = await told<ChangeReport>("/changes?limit=1000&order=incidents");
    const row = report.rows.find((one) => one.commit === history.laterRevisionCommit);
    expect(row?.deployments[0]?.revision).not.toBe(row?.commit);
    expect(row?.exposure.entries).toBeGreaterThan(0);
    await shown("/changes", "tbody tr");
    await page.getByRole("searchbox").fill(history.laterRevisionCommit);
    await page.getByText("1 change that match").waitFor();
    await page.locator("tbody a").first().click();
    await page.getByText("a later commit: it ran as part of it").waitFor();
    const text = await page.locator("main").innerText();
    expect(text).toContain(row?.exposure.entries.toLocaleString("en"));
    expect(text).toMatch(/Incidents that blame it[\s\S]*Closed/);
  });

  it("keeps hostile subjects and names of agents inert", async () => {
    for (const path of [`/changes/${history.hostileCommit}`, "/changes?q=onerror", "/report"]) {
      await shown(path, path.startsWith("/changes/") ? "h1" : path === "/report" ? "#compare tbody tr" : "tbody tr");
      expect(await page.locator("main").innerText()).toContain("<img src=x onerror=window.pwned=1>");
      expect(await page.evaluate("window.pwned")).toBeUndefined();
      expect(await page.locator("main img").count()).toBe(0);
      expect(await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"), path).toBe(0);
    }
  });

  it("can be read in light and in dark", async () => {
    for (const colorScheme of ["light", "dark"] as const) {
      await open({ colorScheme });
      for (const path of ["/report", "/changes", `/changes/${history.laterRevisionCommit}`]) {
        await shown(path, "table:visible");
        expect(await contrastProblems(page), `${path} ${colorScheme}`).toEqual([]);
      }
    }
  });

  it("fits a narrow screen", async () => {
    await open({ viewport: { width: 400, height: 800 } });
    for (const path of ["/report", "/report?by=bound&trend=lines&measure=leadTime", "/changes", `/changes/${history.laterRevisionCommit}`]) {
      await shown(path, "table:visible");
      await page.locator(".skeleton").first().waitFor({ state: "detached" });
      expect(await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"), path).toBe(0);
    }
  });
});
