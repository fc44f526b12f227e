import type { Page } from "playwright-core";

/** More controls than any page shows at first: a walk that is longer goes in circles. */
const STEPS_MAX = 700;

/** What stands in the way of somebody without a mouse: one line per problem. */
export async function keyboardProblems(page: Page): Promise<string[]> {
  await page.evaluate(`${HELPERS}; document.activeElement?.blur(); window.walk = controls(); getSelection().removeAllRanges(); window.scrollTo(0, 0)`);
  const expected = (await page.evaluate("window.walk.length")) as number;
  const problems = new Set<string>();
  const order: number[] = [];
  for (let step = 0; step < STEPS_MAX; step += 1) {
    await page.keyboard.press("Tab");
    const at = (await page.evaluate("where()")) as { index: number; problem: string } | null;
    if (at === null || order.includes(at.index)) break;
    if (at.index >= 0) order.push(at.index);
    if (at.problem !== "") problems.add(at.problem);
  }
  if (order.length < expected) {
    const missed = Array.from({ length: expected }, (_, index) => index).filter((index) => !order.includes(index));
    const names = await page.evaluate<string[]>(`${JSON.stringify(missed.slice(0, 5))}.map((one) => told(window.walk[one]))`);
    problems.add(`not reached: ${names.join(", ")}`);
  }
  if (order.some((index, at) => at > 0 && index < (order[at - 1] ?? 0))) problems.add(`order: ${order.join(" ")}`);
  for (const one of (await page.evaluate("structure()")) as string[]) problems.add(one);
  for (const one of await unnamed(page)) problems.add(`no name: ${one}`);
  return [...problems];
}

const NAMED = new Set(["button", "link", "textbox", "searchbox", "combobox", "checkbox", "img", "image", "dialog", "DisclosureTriangle", "navigation"]);

/** Controls and pictures without a name, as the browser itself tells them to a screen reader. */
async function unnamed(page: Page): Promise<string[]> {
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send("Accessibility.getFullAXTree");
  await session.detach();
  return nodes
    .filter((one) => !one.ignored && NAMED.has(String(one.role?.value)) && String(one.name?.value ?? "").trim() === "")
    .map((one) => `${String(one.role?.value)} ${one.nodeId}`)
    .slice(0, 10);
}

/** In the page. A control that is wholly off its scroller counts: the browser scrolls to what has the focus. */
const HELPERS = `
  window.told = (one) => one.tagName.toLowerCase() + " " + (one.getAttribute("aria-label") ?? one.textContent ?? "").trim().slice(0, 40);
  window.controls = () => [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")].filter((one) => !one.disabled && one.checkVisibility({ visibilityProperty: true }));
  window.where = () => {
    const at = document.activeElement;
    if (at === null || at === document.body) return null;
    const index = window.walk.indexOf(at);
    // Scrollers get the focus from the browser, so that arrow keys reach what lies off the screen.
    const style = getComputedStyle(at);
    const box = at.getBoundingClientRect();
    const bar = document.querySelector(".topbar").getBoundingClientRect();
    const covered = !at.closest(".topbar") && !at.classList.contains("skip") && getComputedStyle(document.querySelector(".topbar")).position === "sticky" && box.bottom <= bar.bottom;
    const off = box.bottom <= 0 || box.top >= innerHeight || box.right <= 0 || box.left >= innerWidth;
    const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    return { index, problem: !ring ? "no ring: " + told(at) : covered ? "covered: " + told(at) : off ? "off the screen: " + told(at) : "" };
  };
  window.structure = () => {
    const problems = [];
    const levels = [...document.querySelectorAll("h1, h2, h3, h4")].filter((one) => one.checkVisibility()).map((one) => Number(one.tagName[1]));
    if (levels.filter((one) => one === 1).length !== 1) problems.push("h1: " + levels.filter((one) => one === 1).length);
    levels.forEach((level, at) => { if (at > 0 && level > levels[at - 1] + 1) problems.push("heading " + level + " after " + levels[at - 1]); });
    const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
    for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) problems.push("id twice: " + id);
    for (const attribute of ["aria-labelledby", "aria-controls", "aria-describedby"]) for (const one of document.querySelectorAll("[" + attribute + "]")) if (!one.getAttribute(attribute).split(" ").every((id) => document.getElementById(id))) problems.push(attribute + " of nothing: " + told(one));
    for (const one of document.querySelectorAll("main svg:not([aria-hidden])")) if (one.getAttribute("role") !== "img") problems.push("a picture without role");
    for (const one of document.querySelectorAll("[tabindex]")) if (one.tabIndex > 0) problems.push("tabindex: " + told(one));
    for (const one of document.querySelectorAll("main table")) if (!one.querySelector("th") && !one.classList.contains("diff-table")) problems.push("a table without headings: " + told(one));
    for (const one of document.querySelectorAll("a[href^='#']")) if (!document.getElementById(one.getAttribute("href").slice(1))) problems.push("to nowhere: " + told(one));
    return problems;
  };
`;
