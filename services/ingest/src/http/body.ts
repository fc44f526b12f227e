import type { IncomingMessage } from "node:http";
import { FirstfixError, messageOf } from "@firstfix/kit";
import type { Share } from "../budget.ts";
import { tooLarge, type BodyLimit, type Decompressor } from "../decompress.ts";
import { Gather } from "../gather.ts";

/** What is known before the body comes. Throws otlp.too_large, otlp.unsupported (encoding). */
export function checkHeaders(request: IncomingMessage, limit: BodyLimit, decompressor: Decompressor): void {
  decompressor.check(encodingOf(request));
  if (Number(request.headers["content-length"] ?? 0) > limit.bytesMax) throw tooLarge(limit, "");
}

/**
 * The body of a request, decompressed, limited before and after, every byte of it counted in `share` as it comes: what
 * a client only announces takes no room from others.
 * Throws otlp.too_large, otlp.malformed (broken compression or cut off), ingest.full.
 */
export async function readBody(request: IncomingMessage, limit: BodyLimit, share: Share, decompressor: Decompressor): Promise<Uint8Array> {
  const encoding = encodingOf(request);
  const body = await read(request, limit, share);
  return encoding === "identity" ? body : decompressor.run(encoding, body, limit, share);
}

function encodingOf(request: IncomingMessage): string {
  return (request.headers["content-encoding"] ?? "").trim().toLowerCase() || "identity";
}

function read(request: IncomingMessage, limit: BodyLimit, share: Share): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const announced = Number(request.headers["content-length"] ?? 0);
    const gather = new Gather();
    let only: Buffer | null = null;
    const settle = (act: () => void): void => {
      request.off("data", onData).off("end", onEnd).off("close", onClose);
      request.pause();
      act();
    };
    const onData = (chunk: Buffer): void => {
      try {
        if (gather.length + chunk.length > limit.bytesMax) throw tooLarge(limit, "");
        share.grow(chunk.length);
        // Most bodies come in one piece, which needs no copy.
        if (chunk.length === announced) only = chunk;
        else gather.add(chunk, announced);
      } catch (error) {
        settle(() => reject(error));
      }
    };
    const onEnd = (): void => settle(() => resolve(only ?? gather.whole()));
    const cutOff = (cause?: Error): void => settle(() => reject(new FirstfixError("otlp.malformed", `the body did not come whole${cause === undefined ? "" : `: ${messageOf(cause)}`}`, { cause })));
    const onClose = (): void => cutOff();
    // This one stays: an error after the answer has nobody else to listen.
    request.on("error", cutOff);
    request.on("data", onData).on("end", onEnd).on("close", onClose);
  });
}
