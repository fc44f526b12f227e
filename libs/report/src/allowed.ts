import { REPORT_LIMITS } from "./limits.ts";
import { DIMENSIONS } from "./types.ts";

export const ORDERS = ["incidents", "newest"] as const;

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
};
