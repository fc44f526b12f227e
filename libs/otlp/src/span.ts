/** An attribute value of OpenTelemetry. Whole numbers beyond ±2^53 are bigint, so none loses its last digits. */
export type AttributeValue = string | number | bigint | boolean | readonly AttributeValue[] | { readonly [key: string]: AttributeValue };

export type Attributes = Readonly<Record<string, AttributeValue>>;

export type SpanKind = "unspecified" | "internal" | "server" | "client" | "producer" | "consumer";
export type StatusCode = "unset" | "ok" | "error";

export interface SpanEvent {
  /** Nanoseconds since the epoch. */
  readonly timeNs: bigint;
  readonly name: string;
  readonly attributes: Attributes;
}

/**
 * One span as all of Firstfix sees it, whether it was read from the store or decoded from the OTLP of a replay.
 * Ids are lower-case hex; `parentSpanId` is "" for a root. `service` … `repository` are taken from the resource
 * ("" where the resource does not say), with the aliases of FORMATS applied.
 */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly service: string;
  readonly environment: string;
  readonly revision: string;
  readonly repository: string;
  readonly name: string;
  readonly kind: SpanKind;
  readonly startTimeNs: bigint;
  readonly durationNs: bigint;
  readonly statusCode: StatusCode;
  readonly statusMessage: string;
  readonly attributes: Attributes;
  readonly resource: Attributes;
  readonly events: readonly SpanEvent[];
}

/**
 * Attributes that @firstfix/sdk adds. The request stands on the SERVER span, the locals on the span that was active
 * when the error was thrown. Both are JSON texts, redacted at the source.
 */
export const CAPTURE_REQUEST = "firstfix.capture.request";
export const CAPTURE_LOCALS = "firstfix.capture.locals";

/** JSON of CAPTURE_REQUEST. `body` is null when there was none; `truncated` requests cannot be replayed. */
export interface CapturedRequest {
  readonly method: string;
  /** Path with query, as it stood in the request line. */
  readonly target: string;
  /** Lower-case names; values of secret headers replaced by "[redacted]". */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly bodyEncoding: "utf8" | "base64";
  readonly truncated: boolean;
}

/** JSON of CAPTURE_LOCALS: innermost in-app frame first. Values are JSON-like previews, bounded and redacted. */
export interface CapturedLocals {
  readonly frames: readonly {
    readonly function: string;
    readonly file: string;
    /** 1-based. */
    readonly line: number;
    readonly variables: Readonly<Record<string, unknown>>;
  }[];
}
