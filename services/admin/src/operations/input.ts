import { FirstfixError } from "@firstfix/kit";
import { z } from "zod";
import type { Operation, Tell } from "./api.ts";

const SHOWN_MAX = 100;

/** An operation whose input has a shape. What does not fit is told with the key and what is allowed. */
export function withInput<T>(schema: z.ZodType<T>, work: (input: T, tell: Tell, signal: AbortSignal) => Promise<unknown>): Operation {
  return async (raw, tell, signal) => {
    const result = schema.safeParse(raw);
    if (result.success) return work(result.data, tell, signal);
    const [issue] = result.error.issues;
    throw new FirstfixError("bad_request", `${issue?.path.join(".") || "the input"} is not allowed: ${issue?.message ?? "it is malformed"}${given(raw, issue?.path ?? [])}`, { hint: "The command's --help says what it takes." });
  };
}

/** A short text that was wrong, as it was given: one word among many ids is not found by its place. */
function given(raw: unknown, path: readonly PropertyKey[]): string {
  let at = raw;
  for (const key of path) at = typeof at === "object" && at !== null ? (at as Record<PropertyKey, unknown>)[key] : undefined;
  return typeof at === "string" && at !== "" && at.length <= SHOWN_MAX ? `, not ${JSON.stringify(at)}` : "";
}
