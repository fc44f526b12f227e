/** Says how far long work has come: one JSON value per step. */
export type Tell = (progress: unknown) => void;

/**
 * What a person may ask of the store and its repositories from the command line. Input is checked by the operation
 * itself; the answer is JSON. Throws FirstfixError. Stops at the signal, so that it can be called again and go on.
 */
export type Operation = (input: unknown, tell: Tell, signal: AbortSignal) => Promise<unknown>;

/** By name, such as `repositories.add`. */
export type Operations = Readonly<Record<string, Operation>>;

/** One line of the answer over HTTP (NDJSON): progress, then exactly one result or one error. */
export type OperationLine =
  | { readonly progress: unknown }
  | { readonly result: unknown }
  | { readonly error: string; readonly code?: string; readonly hint?: string };
