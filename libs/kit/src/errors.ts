/**
 * Every error that Firstfix raises on purpose. `code` comes from a closed list, so a caller can decide by it;
 * `retryable` says whether the same call may succeed later unchanged; `hint` tells the user what to do next.
 */
export const ERROR_CODES = [
  "config.invalid",
  "data_dir.in_use",
  "port.in_use",
  "store.unavailable",
  "store.rejected",
  "otlp.malformed",
  "otlp.too_large",
  "otlp.unsupported",
  "ingest.full",
  "ingest.unauthorized",
  "ingest.rate_limited",
  "bus.unavailable",
  "repository.missing",
  "repository.shallow",
  "repository.revision_missing",
  "repository.failed",
  "spec.malformed",
  "binding.malformed",
  "sandbox.missing",
  "sandbox.failed",
  "replay.failed",
  "not_found",
  "conflict",
  "bad_request",
  "interrupted",
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

export interface FirstfixErrorOptions {
  readonly hint?: string;
  readonly retryable?: boolean;
  readonly cause?: unknown;
}

export class FirstfixError extends Error {
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: FirstfixErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "FirstfixError";
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.hint = options.hint;
  }
}

/** The message of anything that was thrown, for a log line or a user. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
