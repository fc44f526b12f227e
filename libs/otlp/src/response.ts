import { create, toBinary, toJsonString, type DescMessage } from "@bufbuild/protobuf";
import { RESPONSE, STATUS } from "./messages.ts";
import type { Signal } from "./schema.ts";

/** An answer is encoded as its request was. */
export type Encoding = "protobuf" | "json";

/** Export…ServiceResponse. partial_success stays unset when all went on, as the protocol demands. */
export function encodeSuccess(signal: Signal, encoding: Encoding, partial: { readonly rejected: number; readonly message: string } | null): Uint8Array {
  if (partial === null) return encode(RESPONSE[signal], encoding, {});
  const rejected = signal === "traces" ? { rejectedSpans: BigInt(partial.rejected) } : { rejectedLogRecords: BigInt(partial.rejected) };
  return encode(RESPONSE[signal], encoding, { partialSuccess: { ...rejected, errorMessage: partial.message } });
}

/** google.rpc.Status, the body of every error. `code` is a gRPC status code. */
export function encodeStatus(encoding: Encoding, code: number, message: string): Uint8Array {
  return encode(STATUS, encoding, { code, message });
}

function encode(type: DescMessage, encoding: Encoding, fields: Record<string, unknown>): Uint8Array {
  const message = create(type, fields);
  return encoding === "protobuf" ? toBinary(type, message) : Buffer.from(toJsonString(type, message));
}
