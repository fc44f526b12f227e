import { subscribe } from "node:diagnostics_channel";
import { Server as HttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Server as HttpsServer } from "node:https";
import { inspect } from "node:util";
import { context, type Exception, type Span, SpanStatusCode, trace } from "@opentelemetry/api";
import { getRPCMetadata } from "@opentelemetry/core";
import type { IsSecret } from "./names.ts";
import { redactForm, redactTarget } from "./redact.ts";
import { scrubText } from "./scrub.ts";

/** Attribute of the span that carries an exception event: JSON text of the local variables where it was thrown. */
export const CAPTURE_LOCALS = "firstfix.capture.locals";

/** Errors remembered per request: a handler that fails more often than this in one request is told by its first ones. */
const ERRORS_PER_REQUEST_MAX = 4;

/**
 * Instrumentations that make one span per middleware. Each would record the same error again on its way up, and also
 * errors that the application answers with a 4xx. The SERVER span is the one place for them, once the answer is known.
 */
const LAYER_SCOPES = new Set(["express", "router", "koa", "connect", "hapi", "restify"].map((name) => `@opentelemetry/instrumentation-${name}`));

/** Attributes of other instrumentations in which secrets travel. */
const REDACTED_ATTRIBUTES = new Map<string, (text: string, isSecret: IsSecret) => string>([
  ["url.full", redactTarget], ["http.url", redactTarget], ["http.target", redactTarget],
  ["url.query", (text, isSecret) => (text.startsWith("?") ? redactTarget(text, isSecret) : redactForm(text, isSecret))],
  ["db.statement", scrubText], ["db.query.text", scrubText],
]);

interface Noted {
  readonly error: unknown;
  readonly time: number;
}

/** What the SDK's span class has beyond the API. */
interface SdkSpan extends Span {
  readonly instrumentationScope?: { readonly name: string };
}

/**
 * Sees to it that an error which fails a request stands on its SERVER span exactly once, with its whole stack, however
 * it got out of the handler: thrown, rejected, or passed to `next`. Instrumentations alone lose rejected promises of
 * Express 5 and what a plain `http` handler throws.
 */
export class Exceptions {
  readonly #localsOf: (error: object) => string | undefined;
  readonly #isSecret: IsSecret;
  readonly #requests = new WeakMap<Span, IncomingMessage>();
  readonly #spans = new WeakMap<IncomingMessage, Span>();
  readonly #noted = new WeakMap<IncomingMessage, Noted[]>();
  /** The span that an error was last recorded on. */
  readonly #recorded = new WeakMap<object, Span>();
  #patched = false;

  constructor(localsOf: (error: object) => string | undefined, isSecret: IsSecret) {
    this.#localsOf = localsOf;
    this.#isSecret = isSecret;
  }

  /** The SERVER span of a request has begun. */
  begin(span: Span, request: IncomingMessage): void {
    this.#requests.set(span, request);
    this.#spans.set(request, span);
    this.watchSpans(span);
  }

  /** An error left a handler. Whether it is a failure of the service is known when the answer is. */
  note(request: unknown, error: unknown): void {
    if (typeof request !== "object" || request === null || !this.#spans.has(request as IncomingMessage)) return;
    const key = request as IncomingMessage;
    const noted = this.#noted.get(key) ?? [];
    if (noted.length >= ERRORS_PER_REQUEST_MAX || noted.some((item) => item.error === error)) return;
    noted.push({ error, time: Date.now() });
    this.#noted.set(key, noted);
  }

  /** The response is done, the span still open. A refusal (4xx) or an error that was made good is no exception. */
  finish(span: Span, request: IncomingMessage, response: ServerResponse): void {
    const noted = this.#noted.get(request) ?? [];
    this.#noted.delete(request);
    // A response that broke off half-way failed, whatever status it had begun with.
    if (response.writableFinished && response.statusCode < 500) return;
    for (const item of noted) this.record(span, item.error, item.time);
  }

  /** Records an error on a span once, with status and local variables. */
  record(span: Span, error: unknown, time?: number): void {
    if (!span.isRecording()) return;
    if (this.isRecordedOn(span, error)) return;
    const exception = asException(error);
    span.recordException(exception, time);
    span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(exception) });
  }

  isRecorded(error: unknown): boolean {
    return typeof error === "object" && error !== null && this.#recorded.has(error);
  }

  isRecordedOn(span: Span, error: unknown): boolean {
    return typeof error === "object" && error !== null && this.#recorded.get(error) === span;
  }

  /**
   * What a plain `http` handler throws passes here, inside the instrumentation's own wrapper and its active span. The
   * instrumentation ends that span at once, so `beforeEnd` is the last chance to write on it.
   */
  watchServers(beforeEnd: (span: Span, request: IncomingMessage, response: ServerResponse) => void): void {
    const record = (error: unknown, request: IncomingMessage, response: ServerResponse): void => {
      const span = trace.getActiveSpan();
      if (span === undefined) return;
      this.record(span, error);
      beforeEnd(span, request, response);
    };
    for (const { prototype } of [HttpServer, HttpsServer]) {
      // oxlint-disable-next-line typescript/unbound-method -- called with the server as `this` below
      const emit = prototype.emit;
      prototype.emit = function emitWatched(this: HttpServer, ...args: Parameters<typeof emit>): boolean {
        if (args[0] !== "request") return emit.apply(this, args);
        try {
          return emit.apply(this, args);
        } catch (error) {
          record(error, args[1], args[2]);
          throw error;
        }
      } as typeof emit;
    }
    // Fastify answers every error of a handler itself and tells of it on this channel.
    subscribe("tracing:fastify.request.handler:error", (message) => {
      const { request, error } = message as { request?: { raw?: unknown }; error?: unknown };
      this.note(request?.raw, error);
    });
  }

  /**
   * Lays this class over the SDK's span class, once, given any recording span of it. A span processor would do, but
   * handing one to the SDK replaces those that the OTEL_* variables ask for.
   */
  watchSpans(span: SdkSpan): void {
    if (this.#patched || !span.isRecording()) return;
    this.#patched = true;
    const prototype = Object.getPrototypeOf(span) as SdkSpan;
    // oxlint-disable-next-line typescript/unbound-method -- called with the span as `this` below
    const { recordException, setStatus, setAttribute } = prototype;
    const isSecret = this.#isSecret;
    const ofLayer = (layer: SdkSpan): boolean => LAYER_SCOPES.has(layer.instrumentationScope?.name ?? "");
    const noteInRequest = (error: unknown): void => {
      const server = getRPCMetadata(context.active())?.span;
      if (server !== undefined) this.note(this.#requests.get(server), error);
    };
    const beforeRecording = (on: Span, error: Exception): boolean => {
      if (this.isRecordedOn(on, error)) return false;
      if (typeof error !== "object") return true;
      this.#recorded.set(error, on);
      const locals = this.#localsOf(error);
      if (locals !== undefined) on.setAttribute(CAPTURE_LOCALS, locals);
      return true;
    };
    prototype.recordException = function recordOnce(this: SdkSpan, error, time) {
      if (ofLayer(this)) noteInRequest(error);
      else if (beforeRecording(this, error)) recordException.call(this, scrubbed(error, isSecret), time);
    };
    prototype.setStatus = function setStatusOfRequest(this: SdkSpan, status) {
      if (ofLayer(this)) return this;
      return setStatus.call(this, status.message === undefined ? status : { ...status, message: scrubText(status.message, isSecret) });
    };
    // Also the attributes that a span begins with come here: those of outbound requests, of `fetch`, of databases.
    prototype.setAttribute = function setWithoutSecrets(this: SdkSpan, key, value) {
      const redact = typeof value === "string" ? REDACTED_ATTRIBUTES.get(key) : undefined;
      return setAttribute.call(this, key, redact === undefined ? value : redact(String(value), isSecret));
    };
  }
}

/** The same exception, its texts without secrets. The application's own object is left alone. */
function scrubbed(error: Exception, isSecret: IsSecret): Exception {
  if (typeof error === "string") return scrubText(error, isSecret);
  const { code, name, message, stack } = error as { code?: string | number; name?: string; message?: string; stack?: string };
  const texts = {
    ...(typeof message === "string" ? { message: scrubText(message, isSecret) } : {}),
    ...(typeof stack === "string" ? { stack: scrubText(stack, isSecret) } : {}),
  };
  return { ...(code === undefined ? {} : { code }), ...(name === undefined ? {} : { name }), ...texts } as Exception;
}

function asException(error: unknown): Exception {
  return error instanceof Error || typeof error === "string" ? error : { name: "Error", message: preview(error) };
}

/** Something that is not an error was thrown. Its text is shown, bounded, and nothing of its own is run. */
function preview(value: unknown): string {
  return inspect(value, { depth: 1, getters: false, customInspect: false, maxStringLength: 255, maxArrayLength: 20 }).slice(0, 1_000);
}

function messageOf(exception: Exception): string {
  return typeof exception === "string" ? exception : (exception.message ?? "");
}
