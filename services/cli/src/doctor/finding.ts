/** One line of `firstfix doctor`. A problem keeps Firstfix from doing what it is configured to do; a warning does not. */
export interface Finding {
  readonly state: "ok" | "warning" | "problem";
  readonly area: "machine" | "configuration" | "ports" | "data" | "keys" | "broker" | "store" | "repositories";
  readonly what: string;
  readonly hint?: string;
}

/** The findings of one area, without naming it at each. */
export interface Says {
  ok(what: string): Finding;
  warning(what: string, hint: string): Finding;
  problem(what: string, hint: string): Finding;
}

export function says(area: Finding["area"]): Says {
  return {
    ok: (what) => ({ state: "ok", area, what }),
    warning: (what, hint) => ({ state: "warning", area, what, hint }),
    problem: (what, hint) => ({ state: "problem", area, what, hint }),
  };
}
