import type { ReactNode } from "react";
import { count } from "../format.ts";

interface PagerProps {
  /** From 1 on. */
  readonly page: number;
  readonly pages: number;
  readonly label: string;
  readonly go: (page: number, step: Step) => void;
}

export type Step = "first" | "previous" | "next" | "last";

/** Steps through the pages of a list. A step that leads nowhere stays where it is, so that the keyboard does not lose its place. */
export function Pager({ page, pages, label, go }: PagerProps): ReactNode {
  if (pages < 2) return null;
  const step = (name: Step, to: number, text: string): ReactNode => {
    const none = to < 1 || to > pages || to === page;
    return (
      <button type="button" className="button" data-step={name} aria-disabled={none} onClick={() => !none && go(to, name)}>
        {text}
      </button>
    );
  };
  return (
    <nav className="pager" aria-label={label}>
      {step("first", 1, "First")}
      {step("previous", page - 1, "← Previous")}
      <span className="small num">
        Page {count(page)} of {count(pages)}
      </span>
      {step("next", page + 1, "Next →")}
      {step("last", pages, "Last")}
    </nav>
  );
}
