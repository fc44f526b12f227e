import type { Page } from "playwright-core";

const CONTRAST_MIN = 4.5;

/** Texts on screen with less contrast than WCAG AA asks of small text. Computed in the page, from colours as drawn. */
export function contrastProblems(page: Page): Promise<string[]> {
  return page.evaluate(SCRIPT.replace("MIN", String(CONTRAST_MIN)));
}

const SCRIPT = `(() => {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => { pen.clearRect(0, 0, 1, 1); pen.fillStyle = colour; pen.fillRect(0, 0, 1, 1); const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data; return [r, g, b, a / 255]; };
  const light = ([r, g, b]) => { const f = (c) => { const s = c / 255; return s <= 0.03928 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4; }; return 0.2126 * f(r) + 0.7152 * f(g) + 0.0722 * f(b); };
  const ground = (element) => { for (let at = element; at !== null; at = at.parentElement) { const colour = rgba(getComputedStyle(at).backgroundColor); if (colour[3] > 0.99) return colour; } return [255, 255, 255, 1]; };
  const problems = new Set();
  for (const element of document.querySelectorAll("main *")) {
    if (element.closest("svg") !== null || element.matches(":disabled, option")) continue;
    const own = [...element.childNodes].some((one) => one.nodeType === 3 && one.textContent.trim() !== "");
    if (!own || element.getClientRects().length === 0) continue;
    const [a, b] = [light(rgba(getComputedStyle(element).color)), light(ground(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < MIN) problems.add(element.tagName + "." + element.className + " " + ratio.toFixed(2) + ": " + element.textContent.slice(0, 40));
  }
  return [...problems].slice(0, 20);
})()`;
