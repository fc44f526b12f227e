import type { ReactNode } from "react";
import { useApi, type Dimension, type ReportChoices } from "../api.ts";
import { useChoices } from "../router.tsx";

const DAY = 86_400_000;

/** Lengths of time to look back, by the name that stands in the address. */
export const RANGES = { "30d": ["30 days", 30], "90d": ["90 days", 90], "180d": ["180 days", 180], "365d": ["One year", 365], all: ["All time", null] } as const;
type Range = keyof typeof RANGES;
const RANGE_DEFAULT: Range = "180d";

export const DIMENSIONS: readonly (readonly [Dimension, string])[] = [["assistant", "Assistant"], ["model", "Model"], ["authorship", "Authorship"], ["repository", "Repository"], ["service", "Service"], ["team", "Team"], ["bound", "Bound requirements"]];

/** What the address says of the part of the data that is shown. */
export interface Chosen {
  readonly by: Dimension;
  readonly range: Range;
  /** Part of an address of the API: period and place, without `by`. */
  readonly query: string;
}

export function useChosen(): Chosen {
  const [choices] = useChoices();
  const by = DIMENSIONS.find(([key]) => key === choices.get("by"))?.[0] ?? "assistant";
  const given = choices.get("range") ?? "";
  const range = Object.hasOwn(RANGES, given) ? (given as Range) : RANGE_DEFAULT;
  const days = RANGES[range][1];
  const query = new URLSearchParams();
  // From midnight, so that the address asked for stays the same all day and the page does not load again each second.
  if (days !== null) query.set("since", String(Math.floor(Date.now() / DAY) * DAY - days * DAY));
  for (const key of ["repository", "service", "environment"]) {
    const value = choices.get(key);
    if (value !== null && value !== "") query.set(key, value);
  }
  return { by, range, query: query.toString() };
}

/** Period and place, above everything that they narrow. */
export function Choices({ range }: { readonly range: Range }): ReactNode {
  const [choices, choose] = useChoices();
  const places = useApi<ReportChoices>("/api/reports/places", 300_000, true).data;
  const lists = [
    ["repository", "Repository", places?.repositories ?? []],
    ["service", "Service", places?.services ?? []],
    ["environment", "Environment", places?.environments ?? []],
  ] as const;
  return (
    <div className="choices" role="group" aria-label="What is shown">
      <label className="choice">
        <span className="small muted">Period</span>
        <select value={range} onChange={(event) => choose({ range: event.target.value === RANGE_DEFAULT ? null : event.target.value })}>
          {Object.entries(RANGES).map(([key, [label]]) => (
            <option key={key} value={key}>
              {label}
            </option>
          ))}
        </select>
      </label>
      {lists.map(([key, label, values]) => {
        const value = choices.get(key) ?? "";
        const all = value === "" || values.includes(value) ? values : [value, ...values];
        return (
          <label key={key} className="choice">
            <span className="small muted">{label}</span>
            <select value={value} onChange={(event) => choose({ [key]: event.target.value })}>
              <option value="">All</option>
              {all.map((one) => (
                <option key={one} value={one}>
                  {one.replace(/^https?:\/\//, "").slice(0, 80)}
                </option>
              ))}
            </select>
          </label>
        );
      })}
    </div>
  );
}

/** The same data as files. */
export function Downloads({ path, query }: { readonly path: string; readonly query: string }): ReactNode {
  const href = (format: string): string => `${path}?${query}${query === "" ? "" : "&"}format=${format}`;
  return (
    <div className="row downloads" role="group" aria-label="Download">
      <span className="small muted">Download</span>
      {[["csv", "CSV"], ["json", "JSON"], ["markdown", "Markdown"]].map(([format, label]) => (
        <a key={format} className="button tiny" href={href(format ?? "")} download={format === "json" ? "firstfix.json" : ""}>
          {label}
        </a>
      ))}
    </div>
  );
}
