import type { ReactNode } from "react";
import { duration } from "../format.ts";
import type { Stage } from "../stages.ts";
import { Time } from "./common.tsx";

/** The stages of an incident from left to right, with the time that each took since the one before. */
export function StageRail({ stages, closed }: { readonly stages: readonly Stage[]; readonly closed: boolean }): ReactNode {
  const reached = stages.findLastIndex((one) => one.at !== null);
  return (
    <ol className={`rail${closed ? " closed" : ""}`} aria-label="Stages">
      {stages.map((stage, index) => {
        const before = stages.slice(0, index).findLast((one) => one.at !== null)?.at ?? null;
        const state = stage.at !== null ? "done" : index < reached ? "passed" : index === reached + 1 && !closed ? "next" : "ahead";
        return (
          <li key={stage.name} data-state={state}>
            <span className="rail-dot" aria-hidden="true" />
            <span className="rail-name">{stage.name}</span>
            <span className="rail-time small">
              {stage.at !== null ? (
                <>
                  <Time at={stage.at} />
                  {before !== null && <span className="muted num"> +{duration(Math.max(0, stage.at - before))}</span>}
                </>
              ) : (
                <span className="muted">{state === "passed" ? stage.note || "not recorded" : stage.note || (state === "next" ? "next" : "")}</span>
              )}
              {stage.at !== null && stage.note !== "" && <span className="muted rail-note">{stage.note}</span>}
            </span>
          </li>
        );
      })}
    </ol>
  );
}
