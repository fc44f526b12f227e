import { connect as connectPlain, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

const ANSWER_MS = 5000;
const ANSWER_BYTES_MAX = 64 * 1024;
const REQUEST = Buffer.from("0000000a0012000000000007ffff", "hex");
const FETCH = 1;
/** Highest version of Fetch that a release speaks. A broker says which requests it speaks, not its own name. */
const RELEASES: readonly (readonly [fetchMax: number, release: string])[] = [[17, "3.9 or newer"], [16, "3.7 or newer"], [15, "3.5 or newer"], [13, "3.1 or newer"], [12, "2.7 or newer"], [11, "2.3 or newer"]];
/** Apache Kafka 4 dropped the oldest requests. */
const FETCH_MIN_OF_4 = 4;

/**
 * Asks a broker which requests it speaks: the first thing any client sends, before it says who it is, so it tells a
 * broker from something else, and its age, whatever the password.
 *   request  = size:int32 18:int16 version=0:int16 correlation:int32 client=null:int16
 *   response = size:int32 correlation:int32 error:int16 count:int32 { key:int16 min:int16 max:int16 } *
 * Throws with what was wrong.
 */
export async function brokerRelease(broker: string, tls: boolean): Promise<string> {
  const at = broker.lastIndexOf(":");
  const port = Number(broker.slice(at + 1));
  if (at < 1 || !Number.isInteger(port) || port < 1 || port > 65535) throw new Error("is not host:port");
  const target = { host: broker.slice(0, at).replace(/^\[|\]$/g, ""), port };
  const socket = tls ? connectTls({ ...target, ...(isIP(target.host) === 0 ? { servername: target.host } : {}) }) : connectPlain(target);
  try {
    return release(await answer(socket, tls));
  } finally {
    socket.destroy();
  }
}

function answer(socket: Socket, tls: boolean): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`gives no answer within ${ANSWER_MS / 1000} s${tls ? "" : " (does it expect TLS?)"}`)), ANSWER_MS);
    let received = Buffer.alloc(0);
    const fail = (error: Error): void => {
      clearTimeout(timer);
      reject(error);
    };
    socket.once(tls ? "secureConnect" : "connect", () => socket.write(REQUEST));
    socket.on("data", (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      const size = received.length >= 4 ? received.readInt32BE(0) : 0;
      if (size > ANSWER_BYTES_MAX || size < 0) fail(new Error("speaks something else than Kafka's protocol"));
      else if (size > 0 && received.length >= size + 4) {
        clearTimeout(timer);
        resolve(received.subarray(4, size + 4));
      }
    });
    socket.once("error", fail);
    socket.once("close", () => fail(new Error(`closed the connection${tls ? "" : " (does it expect TLS?)"}`)));
  });
}

function release(body: Buffer): string {
  if (body.length < 10 || body.readInt32BE(0) !== 7 || body.readInt16BE(4) !== 0) throw new Error("speaks something else than Kafka's protocol");
  const count = body.readInt32BE(6);
  for (let index = 0; index < count && 16 + index * 6 <= body.length; index++) {
    const at = 10 + index * 6;
    if (body.readInt16BE(at) !== FETCH) continue;
    if (body.readInt16BE(at + 2) >= FETCH_MIN_OF_4) return "4.0 or newer";
    const max = body.readInt16BE(at + 4);
    return RELEASES.find(([from]) => max >= from)?.[1] ?? "older than 2.3";
  }
  throw new Error("does not say which requests it speaks");
}
