import type { Location } from "../git/locate.ts";
import { BOUNDS } from "../limits.ts";
import type { CodePlace } from "../types.ts";
import { findLiteral } from "./sources.ts";

/** A place with the reason for it: a stack frame, or a text of the finding that the code holds. */
export interface Hint extends CodePlace {
  readonly says: string;
  /** Whether a stack frame points here, and not only a text. */
  readonly frame: boolean;
  /** A route is registered here: what is registered counts, and not the function that registers it. */
  readonly route: boolean;
  /** The text that was found; "" for a stack frame. */
  readonly text: string;
}

const LITERAL_WEIGHT = 0.9;
const ROUTE_BESIDE_OTHERS = 0.5;

/**
 * A requirement that is violated without an error has no stack. What it names (the route, spans, attributes) the code
 * names too, letter by letter: those lines are where the behaviour starts or is seen. What stands in many places says
 * nothing.
 */
export async function hintsOf(at: Location, bad: string, places: readonly CodePlace[], symbols: readonly string[]): Promise<Hint[]> {
  const hints: Hint[] = places.slice(0, BOUNDS.places).map((place) => ({ ...place, weight: Math.min(1, Math.max(0, place.weight)), frame: true, route: false, text: "", says: `${place.function || "the frame"} at ${place.path}:${place.line}` }));
  const seen = new Set<string>();
  for (const symbol of symbols.slice(0, BOUNDS.symbols)) {
    for (const literal of literalsOf(symbol)) {
      if (seen.has(literal)) break;
      seen.add(literal);
      const found = await findLiteral(at, bad, literal);
      const files = new Set(found.map((one) => one.path)).size;
      if (found.length > BOUNDS.placesPerSymbol) break;
      for (const { path, line } of found) hints.push({ path, line, function: "", weight: LITERAL_WEIGHT / Math.sqrt(Math.max(1, files)), frame: false, text: literal, route: /^["'`]\//.test(literal), says: `${JSON.stringify(literal)} at ${path}:${line}` });
      if (found.length > 0) break; // shorter forms of the same symbol are only tried where the whole is not found
    }
    if (hints.length >= BOUNDS.places * 4) break;
  }
  // Everything behind a route is behind it: where something narrower is known, that decides.
  const narrower = hints.some((hint) => !hint.route);
  const weighed = hints.map((hint) => (hint.route && narrower ? { ...hint, weight: hint.weight * ROUTE_BESIDE_OTHERS } : hint));
  return weighed.sort((a, b) => b.weight - a.weight).slice(0, BOUNDS.places);
}

/** Texts to look for, most telling first: `POST /orders/:id/pay` → `/orders/:id/pay`, `/:id/pay`, `/pay`. */
export function literalsOf(symbol: string): string[] {
  const text = symbol.trim().slice(0, 200);
  const route = /^(?:[A-Z]{3,7} +)?(\/\S*)$/.exec(text)?.[1]?.replace(/[?#].*$/, "");
  if (route !== undefined) {
    const parts = route.split("/").slice(1);
    // Quotes keep `/pay` from being found inside of `/payments`; a mounted router only knows the end of the route.
    const paths = parts.map((_, index) => `/${parts.slice(index).join("/")}`).filter((path) => /[A-Za-z]{2}/.test(path.replace(/[:{<][^/]*/g, "")));
    return paths.flatMap((path) => [`"${path}"`, `'${path}'`, `\`${path}\``]);
  }
  return /^[\w-]+(?:[.:/ -][\w-]+)+$/.test(text) && text.length >= 5 && (text.split(" ").length === 1 || text.length <= 40) ? [text] : [];
}
