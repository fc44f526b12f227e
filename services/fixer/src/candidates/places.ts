import type { Incident } from "@firstfix/incident";
import { mayChange } from "../workspace/paths.ts";
import type { Place } from "./api.ts";
import type { Revertible } from "./revert/revert.ts";

const FRAME_WEIGHTS = [1, 0.7, 0.5, 0.35, 0.25] as const;
const NEAR_LINES = 2;
const NEAR_SHARE = 0.4;
const PLACES_MAX = 600;

/** Lines of the failing revision that in-app frames and the suspects' changes point at, each with its weight. */
export function placesOf(incident: Incident, revertibles: readonly Revertible[]): Place[] {
  const weights = new Map<string, Place>();
  const add = (path: string, line: number, weight: number): void => {
    if (line < 1 || !mayChange(path)) return;
    const key = `${path}:${line}`;
    if (weight > (weights.get(key)?.weight ?? 0)) weights.set(key, { path, line, weight });
  };
  for (const finding of incident.findings) {
    const frames = (finding.error?.frames ?? []).filter((frame) => frame.inApp && frame.path !== "");
    FRAME_WEIGHTS.forEach((weight, index) => {
      const frame = frames[index];
      if (frame === undefined) return;
      add(frame.path, frame.line, weight);
      for (let near = 1; near <= NEAR_LINES; near += 1) {
        add(frame.path, frame.line - near, weight * NEAR_SHARE);
        add(frame.path, frame.line + near, weight * NEAR_SHARE);
      }
    });
  }
  revertibles.forEach(({ located, suspect }, index) => {
    const share = (index === 0 ? 0.9 : 0.5) * Math.max(0.3, suspect.score);
    for (const one of located) {
      for (let line = 0; line < one.count; line += 1) add(one.change.path, one.start + 1 + line, share);
      add(one.change.path, one.start, share * NEAR_SHARE);
      add(one.change.path, one.start + one.count + 1, share * NEAR_SHARE);
    }
  });
  return [...weights.values()].sort((a, b) => b.weight - a.weight).slice(0, PLACES_MAX);
}
