import { REPORT_LIMITS } from "./limits.ts";
import { DIMENSIONS } from "./types.ts";

/** What a list of commits is sorted by: the largest and the newest first, authors by name. */
export const ORDERS = ["incidents", "newest", "author", "lines", "deployed", "served", "errors", "violations", "cycles", "recovery", "redeploys"] as const;

export const AUTHORS = ["ai", "mixed", "human", "unknown"] as const;

/** What each key of a query takes, for whoever got it wrong: the same words on the command line and in the API. */
export const ALLOWED: Readonly<Record<string, string>> = {
  by: `one of ${DIMENSIONS.join(", ")}`,
  since: "milliseconds since the epoch",
  until: "milliseconds since the epoch, later than since",
  repository: "the address of a repository",
  service: "the name of a service",
  environment: "the name of an environment",
  limit: `a whole number from 1 to ${REPORT_LIMITS.listed}`,
  order: `one of ${ORDERS.join(", ")}`,
  reverse: "true or false",
  offset: `a whole number from 0 to ${REPORT_LIMITS.changes}`,
  q: `at most ${REPORT_LIMITS.searchWords} words and ${REPORT_LIMITS.searchCharacters} characters`,
  author: `one of ${AUTHORS.join(", ")}`,
};
