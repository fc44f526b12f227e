import { constants, type ServerHttp2Stream } from "node:http2";
import { FirstfixError } from "@firstfix/kit";
import type { Share } from "../budget.ts";
import { tooLarge, type BodyLimit } from "../decompress.ts";
import { Gather } from "../gather.ts";

/**
 * gRPC over HTTP/2 (grpc/doc/PROTOCOL-HTTP2.md):
 *
 *   message = flag length data      flag = 1 byte, 1 where data is compressed as `grpc-encoding` says
 *                                   length = 4 bytes, big-endian
 *
 * A unary call carries one message each way.
 */
const PREFIX_BYTES = 5;

export interface Message {
  readonly compressed: boolean;
  readonly data: Uint8Array;
}

export function frame(data: Uint8Array): Buffer {
  const framed = Buffer.alloc(PREFIX_BYTES + data.length);
  framed.writeUInt32BE(data.length, 1);
  framed.set(data, PREFIX_BYTES);
  return framed;
}

/**
 * The one message of a call. Every byte is counted in `share` as it comes, and a message that announces too much is
 * refused at its first bytes. Throws otlp.too_large, otlp.malformed, ingest.full.
 */
export function readMessage(stream: ServerHttp2Stream, limit: BodyLimit, share: Share): Promise<Message> {
  return new Promise((resolve, reject) => {
    const gather = new Gather();
    let length = -1;
    const settle = (act: () => void): void => {
      stream.off("data", onData).off("end", onEnd).off("close", onClose);
      act();
    };
    const onData = (chunk: Buffer): void => {
      try {
        share.grow(chunk.length);
        if (gather.length === 0 && chunk.length >= PREFIX_BYTES) length = lengthOf(chunk, limit);
        gather.add(chunk, PREFIX_BYTES + Math.max(0, length));
        if (length < 0 && gather.length >= PREFIX_BYTES) length = lengthOf(gather.whole(), limit);
        if (length >= 0 && gather.length > PREFIX_BYTES + length) throw malformed("holds more than one message");
      } catch (error) {
        settle(() => reject(error));
      }
    };
    const onEnd = (): void =>
      settle(() => {
        if (length < 0 || gather.length < PREFIX_BYTES + length) return reject(malformed(gather.length === 0 ? "holds no message" : "ends within its message"));
        const whole = gather.whole();
        resolve({ compressed: whole[0] === 1, data: whole.subarray(PREFIX_BYTES) });
      });
    const onClose = (): void => settle(() => reject(malformed(stream.rstCode === constants.NGHTTP2_NO_ERROR ? "ends within its message" : "was broken off")));
    stream.on("data", onData).on("end", onEnd).on("close", onClose);
  });
}

function lengthOf(start: Buffer, limit: BodyLimit): number {
  if ((start[0] as number) > 1) throw malformed("has a message with an unknown flag");
  const length = start.readUInt32BE(1);
  if (length > limit.bytesMax) throw tooLarge(limit, "");
  return length;
}

function malformed(what: string): FirstfixError {
  return new FirstfixError("otlp.malformed", `the call ${what}`);
}
