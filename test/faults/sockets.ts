import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Ledger } from "./ledger.ts";
import type { Request } from "./telemetry.ts";

/** The request as it goes over the wire, for clients that no library would be. */
export function wireOf({ signal, body }: Request): Buffer {
  return Buffer.concat([Buffer.from(`POST /v1/${signal} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/x-protobuf\r\ncontent-length: ${body.length}\r\n\r\n`), body]);
}

export interface Deaf {
  /** Requests written so far. */
  readonly written: number;
  close(): void;
}

/**
 * A client that writes one request after another on its connection and never reads an answer. It goes on until its
 * connection takes no more or it has written `requestsMax`.
 */
export function deaf(port: number, ledger: Ledger, make: () => Request, requestsMax: number): Deaf {
  const socket = connect(port, "127.0.0.1");
  socket.pause();
  let written = 0;
  let full = false;
  const write = (): void => {
    while (!full && written < requestsMax && !socket.destroyed) {
      const request = make();
      ledger.sent(request);
      written += 1;
      full = !socket.write(wireOf(request));
    }
  };
  socket.on("drain", () => {
    full = false;
    write();
  });
  socket.on("error", () => {});
  socket.once("connect", write);
  return {
    get written() {
      return written;
    },
    close: () => void socket.destroy(),
  };
}

/**
 * Sends one request, in `pieces` with a pause between them. Resolves with the status, 0 when no answer came; a 2xx is
 * noted in the ledger.
 */
export async function trickle(port: number, ledger: Ledger, request: Request, pieces: number, pauseMs: number): Promise<number> {
  const socket = connect(port, "127.0.0.1");
  const status = statusOf(socket);
  ledger.sent(request);
  const wire = wireOf(request);
  const size = Math.ceil(wire.length / pieces);
  for (let at = 0; at < wire.length && !socket.destroyed; at += size) {
    if (at > 0) await sleep(pauseMs);
    socket.write(wire.subarray(at, at + size));
  }
  const answer = await status;
  socket.destroy();
  if (answer >= 200 && answer < 300) ledger.acknowledge(request);
  else ledger.refuse(answer === 0 ? "connection" : String(answer));
  return answer;
}

function statusOf(socket: Socket): Promise<number> {
  return new Promise((resolve) => {
    let text = "";
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
      const status = /^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1];
      if (status !== undefined) resolve(Number(status));
    });
    socket.on("error", () => resolve(0));
    socket.once("close", () => resolve(0));
  });
}
