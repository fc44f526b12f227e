import type { Measure } from "./api.ts";

/** How figures and times are written everywhere. */

const whole = new Intl.NumberFormat("en");
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const clockShort = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const dayYear = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
const brief = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });
const full = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "long" });

export function count(value: number): string {
  return whole.format(value);
}

/** `1 error`, `3 errors`. */
export function plural(value: number, word: string, many = `${word}s`): string {
  return `${whole.format(value)} ${value === 1 ? word : many}`;
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function percent(share: number): string {
  const value = share * 100;
  if (value === 0 || value === 100) return `${value}%`;
  if (value < 0.1) return "<0.1%";
  return `${value < 10 ? value.toFixed(1) : Math.min(99, Math.round(value))}%`;
}

/** A length of time with its two largest units: `850 ms`, `12 s`, `3 min 20 s`, `2 h 5 min`, `4 d 3 h`. */
export function duration(ms: number): string {
  if (ms <= 0) return "0 ms";
  if (ms < 1) return `${Math.max(1, Math.round(ms * 1000))} µs`;
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return two(minutes, "min", Math.floor(seconds % 60), "s");
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return two(hours, "h", minutes % 60, "min");
  return two(Math.floor(hours / 24), "d", hours % 24, "h");
}

/** How long ago, in one unit. */
export function ago(ms: number): string {
  if (ms < 5000) return "just now";
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${seconds} s ago`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ago` : `${Math.floor(hours / 24)} d ago`;
}

/** A figure of a report in its unit, without the unit's name where that is in its title. */
export function figure(value: number | null, unit: Measure["unit"]): string {
  if (value === null) return "–";
  if (unit === "share") return percent(value);
  if (unit === "milliseconds") return duration(value);
  if (unit === "lines" || Number.isInteger(value)) return count(Math.round(value));
  return value >= 100 ? count(Math.round(value)) : value.toFixed(value < 1 ? 2 : 1);
}

/** 12,400 as `12.4k`, for labels with little room. */
export function compact(value: number): string {
  return brief.format(value);
}

/** A day: `12 Oct`, with the year when it is not this one. */
export function date(at: number): string {
  return new Date(at).getFullYear() === new Date().getFullYear() ? day.format(at) : dayYear.format(at);
}

/** The time of day, with the date when it is not today. */
export function time(at: number, seconds = true): string {
  const text = (seconds ? clock : clockShort).format(at);
  return new Date(at).toDateString() === new Date().toDateString() ? text : `${day.format(at)}, ${text}`;
}

export function fullTime(at: number): string {
  return full.format(at);
}

export function short(revision: string): string {
  return revision.slice(0, 8);
}

/** People stand in the journal as `person:NAME`. */
export function actorName(actor: string): string {
  return actor.replace(/^person:/, "");
}

/** JSON texts are laid out; anything else stays as it is. */
export function pretty(value: unknown): string {
  if (typeof value !== "string") return laidOut(value);
  if (!/^\s*[[{]/.test(value)) return value;
  try {
    return laidOut(JSON.parse(value));
  } catch {
    return value;
  }
}

/** JSON in which whatever fits on a line stays on one. */
function laidOut(value: unknown, indent = ""): string {
  const flat = (JSON.stringify(value, null, 1) ?? String(value)).replace(/\n\s*/g, " ");
  if (flat.length + indent.length <= LINE_CHARACTERS_MAX || typeof value !== "object" || value === null) return flat;
  const deeper = `${indent}  `;
  if (Array.isArray(value)) return `[\n${value.map((one) => deeper + laidOut(one, deeper)).join(",\n")}\n${indent}]`;
  return `{\n${Object.entries(value).map(([key, one]) => `${deeper}${JSON.stringify(key)}: ${laidOut(one, deeper)}`).join(",\n")}\n${indent}}`;
}

const LINE_CHARACTERS_MAX = 56;

function two(a: number, unitA: string, b: number, unitB: string): string {
  return b === 0 ? `${a} ${unitA}` : `${a} ${unitA} ${b} ${unitB}`;
}
