import type { Server } from "node:http";
import type { Duplex } from "node:stream";
import { BOUNDS } from "../bounds.ts";

const SLOW = "ERR_HTTP_REQUEST_TIMEOUT";
const STATUS: Readonly<Record<string, string>> = { HPE_HEADER_OVERFLOW: "431 Request Header Fields Too Large", HPE_CHUNK_EXTENSIONS_OVERFLOW: "413 Payload Too Large" };

/**
 * Answers what never became a whole request. Node says 408 to a client that is too slow, and OTLP lets an exporter retry
 * after 429, 502, 503 and 504 alone: it would throw its data away, although nothing is wrong with them. So it is 503.
 */
export function answerBroken(server: Server): void {
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Duplex & { readonly _httpMessage?: { readonly headersSent: boolean } | null }) => {
    // An answer that has begun must not get a second head in its middle.
    if (socket.writable && socket._httpMessage?.headersSent !== true) socket.write(head(error.code ?? ""));
    socket.destroy(error);
  });
}

function head(code: string): string {
  const status = code === SLOW ? "503 Service Unavailable" : (STATUS[code] ?? "400 Bad Request");
  const retry = code === SLOW ? `Retry-After: ${Math.ceil(BOUNDS.retryAfterMs / 1000)}\r\n` : "";
  return `HTTP/1.1 ${status}\r\n${retry}Content-Length: 0\r\nConnection: close\r\n\r\n`;
}
