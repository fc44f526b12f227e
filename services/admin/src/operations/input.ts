import { FirstfixError } from "@firstfix/kit";
import { z } from "zod";
import type { Operation, Tell } from "./api.ts";

/** An operation whose input has a shape. What does not fit is told with the key and what is allowed. */
export function withInput<T>(schema: z.ZodType<T>, work: (input: T, tell: Tell, signal: AbortSignal) => Promise<unknown>): Operation {
  return async (raw, tell, signal) => {
    const result = schema.safeParse(raw);
    if (result.success) return work(result.data, tell, signal);
    const [issue] = result.error.issues;
    throw new FirstfixError("bad_request", `${issue?.path.join(".") || "the input"} is not allowed: ${issue?.message ?? "it is malformed"}`, { hint: "The command's --help says what it takes." });
  };
}
