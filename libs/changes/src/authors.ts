import { CHANNELS, type Attribution, type Authorship } from "@firstfix/provenance";
import { CHANGE_BOUNDS } from "./bounds.ts";

export interface Author {
  readonly authorship: Authorship;
  readonly agent: string;
  readonly model: string;
}

export function authorOf({ authorship, agent, model }: Author): Author {
  return { authorship, agent: plain(agent), model: plain(model) };
}

/** Weaker evidence is shown and decides nothing: as libs/provenance judges. */
const CONFIDENCE_MIN = 0.3;

/** Where the evidence that decided stands; "" where nothing did. */
export function channelOf({ evidence }: Attribution): string {
  const saying = evidence.filter((one) => one.role === "author" && one.authorship !== "unknown" && one.confidence >= CONFIDENCE_MIN);
  return CHANNELS.find((channel) => saying.some((one) => one.channel === channel)) ?? "";
}

/** Texts of a repository stand in tables and on terminals: without control characters, and bounded. */
export function plain(text: string): string {
  return text.replace(/\p{Cc}+/gu, " ").slice(0, CHANGE_BOUNDS.textChars).trim();
}

/** Sums by author, most lines first. */
export class AuthorCounts {
  readonly #counts = new Map<string, { readonly author: Author; count: number }>();

  add(author: Author, count: number): void {
    const key = JSON.stringify([author.authorship, author.agent, author.model]);
    const known = this.#counts.get(key);
    if (known === undefined) this.#counts.set(key, { author, count });
    else known.count += count;
  }

  /** Beyond `max` authors the smallest are counted as unknown, so that the sum stays. */
  rows(max: number): (Author & { readonly count: number })[] {
    const all = [...this.#counts].sort(([a, { count: m }], [b, { count: n }]) => n - m || (a < b ? -1 : 1)).map(([, { author, count }]) => ({ ...author, count }));
    if (all.length <= max) return all;
    const others = all.slice(max - 1).reduce((sum, one) => sum + one.count, 0);
    return [...all.slice(0, max - 1), { authorship: "unknown", agent: "", model: "", count: others }];
  }
}
