import { create, toBinary, toJsonString, type DescMessage } from "@bufbuild/protobuf";
import { RESPONSE, RETRY_INFO, STATUS } from "./messages.ts";
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

/** google.rpc.Status for gRPC's `grpc-status-details-bin`, with google.rpc.RetryInfo: when to come again, in milliseconds. */
export function encodeRetryStatus(code: number, message: string, retryAfterMs: number): Uint8Array {
  const retryDelay = { seconds: BigInt(Math.floor(retryAfterMs / 1000)), nanos: Math.floor((retryAfterMs % 1000) * 1e6) };
  const details = [{ typeUrl: "type.googleapis.com/google.rpc.RetryInfo", value: encode(RETRY_INFO, "protobuf", { retryDelay }) }];
  return encode(STATUS, "protobuf", { code, message, details });
}

function encode(type: DescMessage, encoding: Encoding, fields: Record<string, unknown>): Uint8Array {
  const message = create(type, fields);
  return encoding === "protobuf" ? toBinary(type, message) : Buffer.from(toJsonString(type, message));
}
