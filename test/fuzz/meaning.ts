import { createHash } from "node:crypto";
import { gunzipSync, inflateSync, zstdDecompressSync } from "node:zlib";
import { jsonToProtobuf, type Signal } from "@firstfix/otlp";
import { GRPC_PATHS, type Case } from "./cases.ts";
import { countRecords, rejectedIn } from "./tree.ts";

/** What an acknowledged request must have brought into the store. */
export interface Promised {
  readonly signal: Signal;
  /** Of the request as protobuf: what is stored once, however often it comes. */
  readonly hash: string;
  readonly records: number;
}

/** What came back: HTTP's status, or that of gRPC. */
export interface Reply {
  readonly status: number;
  readonly contentType: string;
  readonly body: Uint8Array;
}

/** A length that lies says so little that what it announces is never a request. */
export function shortLength({ body }: Case): number {
  return Math.min(1, body.length);
}

/**
 * Reads the acknowledgement as the client would, and the request as the protocols say it is to be read. Throws what is
 * wrong with the answer: an acknowledgement of what is no request, an answer that cannot be read.
 */
export function promised(one: Case, { contentType, body }: Reply): Promised {
  const { signal, json, request } = one.transport === "grpc" ? readGrpc(one) : readHttp(one);
  const records = countRecords(request);
  if (records === null) throw new Error("acknowledged what is no OTLP request");
  if (one.transport === "http" && contentType !== (json ? "application/json" : "application/x-protobuf")) throw new Error(`answered with content type ${contentType}`);
  const rejected = one.transport === "grpc" ? rejectedIn(body.subarray(5)) : json ? rejectedInJson(body) : rejectedIn(body);
  if (rejected > records) throw new Error(`${rejected} rejected of ${records} records`);
  return { signal, hash: createHash("sha256").update(request).digest("hex").slice(0, 32), records: records - rejected };
}

/** A refusal must be readable too: a google.rpc.Status. Throws where it is not. */
export function checkRefusal({ contentType, body }: Reply): void {
  if (contentType === "application/json") {
    const { code, message } = JSON.parse(Buffer.from(body).toString("utf8")) as { code?: unknown; message?: unknown };
    if (typeof code !== "number" || typeof message !== "string" || message === "") throw new Error("a refusal that says nothing");
  } else if (contentType === "application/x-protobuf" && body.length < 4) throw new Error("a refusal that says nothing");
}

function readHttp(one: Case): { readonly signal: Signal; readonly json: boolean; readonly request: Uint8Array } {
  const signal = /^\/v1\/(traces|logs)(?:[?#]|$)/.exec(one.path)?.[1] as Signal | undefined;
  if (signal === undefined) throw new Error(`acknowledged at ${one.path}`);
  const seen = one.framing === "short" ? one.body.subarray(0, shortLength(one)) : one.body;
  const body = unpacked((one.headers["content-encoding"] ?? "").trim().toLowerCase(), seen);
  const json = (one.headers["content-type"] ?? "").split(";", 1)[0]?.trim().toLowerCase() === "application/json";
  return { signal, json, request: json ? jsonToProtobuf(signal, body) : body };
}

function readGrpc(one: Case): { readonly signal: Signal; readonly json: false; readonly request: Uint8Array } {
  const signal = (Object.keys(GRPC_PATHS) as Signal[]).find((name) => GRPC_PATHS[name] === one.path) as Signal;
  const frame = Buffer.from(one.body);
  const content = frame.subarray(5, 5 + frame.readUInt32BE(1));
  return { signal, json: false, request: frame[0] === 1 ? unpacked(one.headers["grpc-encoding"] ?? "", content) : content };
}

function unpacked(encoding: string, body: Uint8Array): Uint8Array {
  if (encoding === "gzip" || encoding === "x-gzip") return gunzipSync(body);
  if (encoding === "deflate") return inflateSync(body);
  if (encoding === "zstd") return zstdDecompressSync(body);
  return body;
}

function rejectedInJson(body: Uint8Array): number {
  const { partialSuccess } = JSON.parse(Buffer.from(body).toString("utf8")) as { partialSuccess?: { rejectedSpans?: string | number; rejectedLogRecords?: string | number } };
  return Number(partialSuccess?.rejectedSpans ?? partialSuccess?.rejectedLogRecords ?? 0);
}
