import { constants, type OutgoingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import { encodeRetryStatus } from "@firstfix/otlp";
import { BOUNDS } from "../bounds.ts";
import { ENCODINGS } from "../decompress.ts";
import { RPC, type Refusal } from "../refusal.ts";
import { frame } from "./message.ts";

/** Header fields of a status must fit with all others into what clients take, which is 8 KiB. */
const MESSAGE_CHARS_MAX = 1000;
const HEADERS: OutgoingHttpHeaders = { ":status": 200, "content-type": "application/grpc", "grpc-accept-encoding": ENCODINGS };
const OK: OutgoingHttpHeaders = { "grpc-status": String(RPC.ok) };

export function succeed(stream: ServerHttp2Stream, response: Uint8Array): void {
  if (isGone(stream)) return;
  stream.respond(HEADERS, { waitForTrailers: true });
  stream.once("wantTrailers", () => stream.sendTrailers(OK));
  stream.end(frame(response));
}

/** The status alone, also before the request was read. */
export function fail(stream: ServerHttp2Stream, { grpc, message, retryAfterMs }: Pick<Refusal, "grpc" | "message" | "retryAfterMs">): void {
  const text = message.slice(0, MESSAGE_CHARS_MAX);
  const details = retryAfterMs === null ? {} : { "grpc-status-details-bin": Buffer.from(encodeRetryStatus(grpc, text, retryAfterMs)).toString("base64") };
  end(stream, { ...HEADERS, "grpc-status": String(grpc), "grpc-message": percentEncode(text), ...details });
}

/** For what is not gRPC at all. */
export function failHttp(stream: ServerHttp2Stream, status: number): void {
  end(stream, { ":status": status });
}

function end(stream: ServerHttp2Stream, headers: OutgoingHttpHeaders): void {
  if (isGone(stream)) return;
  stream.respond(headers, { endStream: true });
  if (!stream.readableEnded) linger(stream);
}

/** A reset right behind a status makes some clients lose the status; most have sent all they have by then anyway. */
function linger(stream: ServerHttp2Stream): void {
  let bytes = 0;
  const timer = setTimeout(() => stream.close(constants.NGHTTP2_NO_ERROR), BOUNDS.lingerMs);
  stream.once("close", () => clearTimeout(timer));
  stream.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > BOUNDS.lingerBytes) stream.pause();
  });
  stream.resume();
}

function isGone(stream: ServerHttp2Stream): boolean {
  return stream.destroyed || stream.closed || stream.headersSent;
}

/** Of UTF-8, all but printable ASCII and the percent sign itself. */
function percentEncode(text: string): string {
  return Array.from(Buffer.from(text), (byte) => (byte >= 0x20 && byte <= 0x7e && byte !== 0x25 ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`)).join("");
}
