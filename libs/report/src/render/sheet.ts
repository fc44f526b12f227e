/** A table on its way to a terminal, a file or a comment: plain text, not yet escaped. */
export interface Sheet {
  readonly title: string;
  readonly columns: readonly Column[];
  /** As many cells as there are columns; numbers stay numbers, so that a file has them exactly. */
  readonly rows: readonly (readonly Cell[])[];
  /** Sentences below the table. */
  readonly below: readonly string[];
}

export interface Column {
  readonly title: string;
  readonly align: "left" | "right";
}

export type Cell = string | number | null;

export const left = (title: string): Column => ({ title, align: "left" });
export const right = (title: string): Column => ({ title, align: "right" });
