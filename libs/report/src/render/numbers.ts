import type { Figure, Measure } from "../types.ts";

/** A value in its unit, for a person; "–" where there is none. */
export function showValue(value: number | null, unit: Measure["unit"]): string {
  if (value === null) return "–";
  // What is almost all is not all: "100%" and "0%" are said of nothing else.
  if (unit === "share") return value < 1 && fixed(value * 100) === "100" ? ">99.9%" : `${fixed(value * 100)}%`;
  if (unit === "milliseconds") return showDuration(value);
  return fixed(value);
}

/** Value, interval, and a star where the sample is too small to compare. */
export function showFigure({ value, interval, warning }: Figure, unit: Measure["unit"]): string {
  if (value === null) return "–";
  const range = interval === null ? "" : ` (${showValue(interval[0], unit).replace(/%$/, "")}–${showValue(interval[1], unit)})`;
  return `${showValue(value, unit)}${range}${warning === null ? "" : " *"}`;
}

/** A figure with what it is out of: a share without its denominator says little. */
export function outOf(figure: Figure, unit: Measure["unit"]): string {
  if (figure.value === null) return showFigure(figure, unit);
  return `${showFigure({ ...figure, warning: null }, unit)} of ${showValue(figure.denominator, "count")}${figure.warning === null ? "" : " *"}`;
}

export function showCount(value: number): string {
  return Math.round(value).toLocaleString("en-GB");
}

export function showDuration(ms: number): string {
  for (const [unit, size] of [["d", 86_400_000], ["h", 3_600_000], ["min", 60_000], ["s", 1_000]] as const) if (ms >= size) return `${fixed(ms / size)} ${unit}`;
  return `${fixed(ms)} ms`;
}

/** Three digits say enough of a figure with an interval; what is next to nothing is not 0. */
function fixed(value: number): string {
  if (value > 0 && value < 0.005) return "<0.01";
  const digits = value === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value >= 1_000 ? showCount(value) : String(Number(value.toFixed(digits)));
}
