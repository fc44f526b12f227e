import type { CapturedRequest } from "@firstfix/otlp";
import { BOUNDS } from "../bounds.ts";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export interface Variation {
  /** What was changed, for a person. */
  readonly says: string;
  readonly request: CapturedRequest;
}

const DEPTH_MAX = 5;
const LEAVES_MAX = 40;
const VARIATIONS_MAX = BOUNDS.requestsPerReplay - 4;

/**
 * Requests near the captured one: every number at its borders, fields left out, lists emptied and doubled, neighbours
 * exchanged. Always the same for the same request, so that two revisions are asked the same; when there are too many,
 * they are taken evenly over all, so that no field goes untried because another stood before it.
 */
export function variationsOf(request: CapturedRequest): Variation[] {
  const all = [...bodyVariations(request), ...queryVariations(request)];
  if (all.length <= VARIATIONS_MAX) return all;
  return Array.from({ length: VARIATIONS_MAX }, (_, index) => all[Math.floor((index * all.length) / VARIATIONS_MAX)] as Variation);
}

function bodyVariations(request: CapturedRequest): Variation[] {
  if (request.body === null || request.bodyEncoding !== "utf8") return [];
  let body: Json;
  try {
    body = JSON.parse(request.body) as Json;
  } catch {
    return [];
  }
  const found: Variation[] = [];
  const add = (says: string, changed: Json): void => {
    found.push({ says, request: { ...request, body: JSON.stringify(changed) } });
  };
  for (const path of leaves(body).slice(0, LEAVES_MAX)) {
    const name = path.join(".") || "the body";
    const value = at(body, path);
    for (const [says, other] of others(value)) add(`${name} ${says}`, set(body, path, other));
    if (path.length > 0 && typeof path.at(-1) === "string") add(`without ${name}`, without(body, path));
  }
  for (const [a, b] of numberPairs(body)) add(`${a.join(".")} and ${b.join(".")} exchanged`, set(set(body, a, at(body, b)), b, at(body, a)));
  return found;
}

function queryVariations(request: CapturedRequest): Variation[] {
  const split = request.target.indexOf("?");
  if (split < 0) return [];
  const found: Variation[] = [];
  const original = new URLSearchParams(request.target.slice(split + 1));
  for (const [name, value] of [...original].slice(0, 8)) {
    for (const other of /^-?\d+(?:\.\d+)?$/.test(value) ? ["0", "-1", String(Number(value) * 10 + 1)] : [""]) {
      const query = new URLSearchParams(original);
      query.set(name, other);
      found.push({ says: `${name} = "${other}"`, request: { ...request, target: `${request.target.slice(0, split)}?${query.toString()}` } });
    }
    const query = new URLSearchParams(original);
    query.delete(name);
    found.push({ says: `without ${name}`, request: { ...request, target: `${request.target.slice(0, split)}?${query.toString()}` } });
  }
  return found;
}

function others(value: Json): [string, Json][] {
  if (typeof value === "number") {
    const near: [string, number][] = [["= 0", 0], ["one more", value + 1], ["ten times", value * 10 + 1], ["= -1", -1]];
    return near.filter(([, other]) => other !== value);
  }
  if (typeof value === "boolean") return [[`= ${!value}`, !value]];
  if (typeof value === "string") return value === "" ? [] : [["empty", ""]];
  if (Array.isArray(value)) return value.length === 0 ? [] : [["emptied", []], ["doubled", [...value, ...value]]];
  return [];
}

type Path = readonly (string | number)[];

function leaves(value: Json, path: Path = []): Path[] {
  if (path.length >= DEPTH_MAX || value === null || typeof value !== "object") return [path];
  const inner = Array.isArray(value) ? value.slice(0, 2).flatMap((one, index) => leaves(one, [...path, index])) : Object.entries(value).flatMap(([key, one]) => leaves(one, [...path, key]));
  return Array.isArray(value) ? [path, ...inner] : inner;
}

function at(value: Json, path: Path): Json {
  let here: Json = value;
  for (const part of path) here = (here as Record<string | number, Json>)[part] ?? null;
  return here;
}

function set(value: Json, path: Path, other: Json): Json {
  const [first, ...rest] = path;
  if (first === undefined) return other;
  if (Array.isArray(value)) return value.map((one, index) => (index === first ? set(one, rest, other) : one));
  // fromEntries defines own keys only, so a key named __proto__ stays a key.
  return Object.fromEntries(Object.entries(value as Record<string, Json>).map(([key, one]) => [key, key === first ? set(one, rest, other) : one]));
}

function without(value: Json, path: Path): Json {
  const parent = path.slice(0, -1);
  const holder = at(value, parent) as Record<string, Json>;
  return set(value, parent, Object.fromEntries(Object.entries(holder).filter(([key]) => key !== path.at(-1))));
}

/** Pairs of numbers that stand beside each other in one object. */
function numberPairs(value: Json, path: Path = []): [Path, Path][] {
  if (value === null || typeof value !== "object" || path.length >= DEPTH_MAX) return [];
  if (Array.isArray(value)) return value.slice(0, 2).flatMap((one, index) => numberPairs(one, [...path, index]));
  const numbers = Object.keys(value).filter((key) => typeof value[key] === "number");
  const pairs = numbers.slice(1).map((key, index): [Path, Path] => [[...path, numbers[index] as string], [...path, key]]);
  return [...pairs, ...Object.entries(value).flatMap(([key, one]) => numberPairs(one, [...path, key]))];
}
