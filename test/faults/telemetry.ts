export type Signal = "traces" | "logs";

/** An OTLP request as bytes, with the ids by which the store is asked for its records afterwards. */
export interface Request {
  readonly signal: Signal;
  readonly body: Buffer;
  /** Trace id and span id of every record, together 48 hex digits; no two records of a run share them. */
  readonly ids: readonly string[];
}

export interface Shape {
  readonly signal: Signal;
  readonly records: number;
  /** All records in this trace (32 hex digits); without it each record has a trace of its own. */
  readonly traceId?: string;
  /** Bytes of text in an attribute of the first record, to bring a request to a size. */
  readonly padding?: number;
}

/**
 * Grammar of what is made here (opentelemetry-proto, trace/v1 and logs/v1), with field numbers:
 *   request = 1:{ 1:resource 2:{ 1:scope 2:record… } }
 *   span    = 1:trace_id 2:span_id 5:name 6:kind 7:start 8:end 9:attribute… 11:event… 15:status
 *   log     = 1:time 2:severity 5:body 6:attribute… 9:trace_id 10:span_id
 * Made by hand, without the product's own code: what it misreads it shall not also write.
 */
export class Telemetry {
  readonly #run: Buffer;
  #next = 0;

  /** Runs differ in the first four bytes of their ids. */
  constructor(run: number) {
    this.#run = Buffer.alloc(4);
    this.#run.writeUInt32BE(run >>> 0);
  }

  make({ signal, records, traceId, padding = 0 }: Shape): Request {
    const now = BigInt(Date.now()) * 1_000_000n;
    const trace = traceId === undefined ? null : Buffer.from(traceId, "hex");
    const ids: string[] = [];
    const parts: Buffer[] = [];
    const rest = signal === "traces" ? spanRest(now) : logRest(now);
    for (let index = 0; index < records; index++) {
      const spanId = this.#spanId();
      const one = trace ?? Buffer.concat([this.#run, Buffer.alloc(4), spanId]);
      ids.push(one.toString("hex") + spanId.toString("hex"));
      const own = index === 0 ? [exceptionOf(signal, now), padding === 0 ? NOTHING : attribute(signal === "traces" ? 9 : 6, "padding", "x".repeat(padding))] : [];
      const named = signal === "traces" ? [field(1, one), field(2, spanId)] : [field(9, one), field(10, spanId)];
      parts.push(field(2, ...named, rest, ...own));
    }
    const body = field(1, field(1, RESOURCE), field(2, field(1, field(1, Buffer.from("faults"))), ...parts));
    return { signal, body, ids };
  }

  /** A request of exactly this many bytes. */
  makeOfSize(shape: Shape, bytes: number): Request {
    // Lengths take more bytes as they grow, so the second guess starts from a request of nearly the right size.
    let padding = bytes - this.make(shape).body.length;
    for (let round = 0; round < 4; round++) {
      const request = this.make({ ...shape, padding });
      if (request.body.length === bytes) return request;
      padding += bytes - request.body.length;
    }
    throw new Error(`no request of exactly ${bytes} bytes`);
  }

  traceId(): string {
    return Buffer.concat([this.#run, Buffer.from("trace---"), this.#spanId().subarray(4)]).toString("hex");
  }

  #spanId(): Buffer {
    const id = Buffer.alloc(8);
    this.#run.copy(id);
    id.writeUInt32BE(++this.#next, 4);
    return id;
  }
}

const NOTHING = Buffer.alloc(0);
const RESOURCE = Buffer.concat([
  attribute(1, "service.name", "faults"),
  attribute(1, "deployment.environment.name", "production"),
  attribute(1, "vcs.ref.head.revision", "f".repeat(40)),
]);
const STATUS_ERROR = field(15, varint(3, 2));

function spanRest(now: bigint): Buffer {
  return Buffer.concat([field(5, Buffer.from("GET /items")), varint(6, 2), fixed64(7, now), fixed64(8, now + 1_000_000n), attribute(9, "http.route", "/items/:id"), attribute(9, "http.request.method", "GET")]);
}

function logRest(now: bigint): Buffer {
  return Buffer.concat([fixed64(1, now), varint(2, 9), field(5, field(1, Buffer.from("item asked for"))), attribute(6, "code.function.name", "items")]);
}

/** One record of each request has an exception, so that the tables behind the views are filled too. */
function exceptionOf(signal: Signal, now: bigint): Buffer {
  if (signal === "logs") return Buffer.concat([attribute(6, "exception.type", "FaultError"), attribute(6, "exception.message", "made for this test")]);
  const event = field(11, fixed64(1, now), field(2, Buffer.from("exception")), attribute(3, "exception.type", "FaultError"), attribute(3, "exception.message", "made for this test"));
  return Buffer.concat([event, STATUS_ERROR]);
}

/** KeyValue = 1:key 2:{ 1:string } */
function attribute(number: number, key: string, value: string): Buffer {
  return field(number, field(1, Buffer.from(key)), field(2, field(1, Buffer.from(value))));
}

function field(number: number, ...parts: readonly Uint8Array[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.byteLength, 0);
  return Buffer.concat([bytesOf((number << 3) | 2), bytesOf(length), ...parts]);
}

function varint(number: number, value: number): Buffer {
  return Buffer.concat([bytesOf(number << 3), bytesOf(value)]);
}

function fixed64(number: number, value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return Buffer.concat([bytesOf((number << 3) | 1), bytes]);
}

function bytesOf(value: number): Buffer {
  const bytes: number[] = [];
  let left = value;
  while (left > 127) {
    bytes.push((left & 127) | 128);
    left >>>= 7;
  }
  return Buffer.from([...bytes, left]);
}
