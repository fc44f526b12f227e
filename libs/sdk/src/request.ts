import { IncomingMessage, type ServerResponse } from "node:http";
import type { Attributes, Span } from "@opentelemetry/api";
import { Budget } from "./budget.ts";
import type { IsSecret } from "./names.ts";
import { redactForm, redactHeaders, redactJson, redactTarget } from "./redact.ts";
import { scrubText } from "./scrub.ts";

/** Attribute of the SERVER span: JSON text of the request, redacted. */
export const CAPTURE_REQUEST = "firstfix.capture.request";

/** Bytes of a body that are kept. A longer one is cut, and marked as truncated. */
export const BODY_BYTES_MAX = 16 * 1024;

interface Tee {
  chunks: Buffer[];
  kept: number;
  seen: number;
}

/**
 * Captures inbound requests. The body is copied as the parser pushes it into the request stream, so the application
 * reads (or never reads) exactly what it would have read; references to chunks are kept, nothing is consumed.
 */
export class RequestCapture {
  readonly #budget: Budget;
  readonly #isSecret: IsSecret;
  readonly #tees = new WeakMap<IncomingMessage, Tee>();

  constructor(perSecond: number, isSecret: IsSecret) {
    this.#budget = new Budget(perSecond);
    this.#isSecret = isSecret;
  }

  /** To be called when the request arrives, before any byte of its body. */
  watch(request: IncomingMessage): void {
    const tee: Tee = { chunks: [], kept: 0, seen: 0 };
    this.#tees.set(request, tee);
    // oxlint-disable-next-line typescript/unbound-method -- called with the request as `this` below
    const push = request.push;
    request.push = function pushTee(this: IncomingMessage, chunk: unknown, encoding?: BufferEncoding): boolean {
      if (Buffer.isBuffer(chunk)) keep(tee, chunk);
      else if (typeof chunk === "string") keep(tee, Buffer.from(chunk, encoding));
      return push.call(this, chunk, encoding);
    };
  }

  /** To be called when the response is done and the span still open: its route and outcome are known now. */
  finish(span: Span & { readonly attributes?: Attributes }, request: IncomingMessage, response: ServerResponse): void {
    const tee = this.#tees.get(request);
    if (tee === undefined || !span.isRecording()) return;
    this.#tees.delete(request);
    const route = span.attributes?.["http.route"];
    // Failures have a budget of their own: ordinary traffic must not use up the captures that a fix will need.
    const outcome = response.statusCode >= 500 ? "failed" : response.statusCode >= 400 ? "refused" : "ok";
    if (!this.#budget.take(`${request.method ?? ""} ${typeof route === "string" ? route : "*"} ${outcome}`)) return;
    span.setAttribute(CAPTURE_REQUEST, JSON.stringify(captured(request, tee, this.#isSecret)));
  }
}

function keep(tee: Tee, chunk: Buffer): void {
  tee.seen += chunk.length;
  const room = BODY_BYTES_MAX - tee.kept;
  if (room <= 0) return;
  const part = chunk.length > room ? chunk.subarray(0, room) : chunk;
  tee.chunks.push(part);
  tee.kept += part.length;
}

function captured(request: IncomingMessage, tee: Tee, isSecret: IsSecret): Record<string, unknown> {
  const bytes = Buffer.concat(tee.chunks);
  const announced = Number(request.headers["content-length"] ?? Number.NaN);
  const missing = Number.isFinite(announced) ? announced > tee.seen : request.headers["transfer-encoding"] !== undefined && !request.complete;
  const cut = tee.seen > tee.kept || missing;
  const body = bodyText(bytes, request, cut, isSecret);
  return {
    method: request.method ?? "GET",
    target: redactTarget(targetOf(request), isSecret),
    headers: redactHeaders(request.headers, isSecret),
    body: body.text,
    bodyEncoding: "utf8",
    truncated: cut || (body.text === null && (tee.seen > 0 || missing)),
  };
}

/** Frameworks rewrite `url` while they route; what stood in the request line is what a replay needs. */
function targetOf(request: IncomingMessage): string {
  const original = (request as { originalUrl?: unknown }).originalUrl;
  return typeof original === "string" ? original : (request.url ?? "/");
}

function bodyText(bytes: Buffer, request: IncomingMessage, cut: boolean, isSecret: IsSecret): { text: string | null } {
  if (bytes.length === 0) return { text: null };
  const type = (request.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  const coding = request.headers["content-encoding"] ?? "identity";
  if (coding !== "identity" || /^(multipart|image|audio|video|font)\//.test(type)) return { text: null };
  let text: string;
  try {
    // A cut may fall inside a character; only then its last bytes are let go.
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes, { stream: cut });
  } catch {
    return { text: null };
  }
  if (type === "application/x-www-form-urlencoded") return { text: redactForm(text, isSecret) };
  // A JSON body under another type is common enough (and a secret in it secret enough) to look at the text itself.
  if (/[/+]json$/.test(type) || /^\s*[[{]/.test(text)) return { text: redactJson(text, isSecret) };
  return { text: /^(text\/|application\/(xml|graphql|javascript))|\+xml$|^$/.test(type) ? scrubText(text, isSecret) : null };
}
