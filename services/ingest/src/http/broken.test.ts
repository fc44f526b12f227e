import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { createFront } from "../front.ts";
import type { Listening } from "../listen.ts";
import { KeepingBus, testConfig, testLog } from "../testing.ts";
import { startHttp } from "./server.ts";

let server: Listening | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** All that the server says to these bytes until it closes the connection. */
async function answerTo(bytes: string): Promise<string> {
  const front = createFront({ config: testConfig(), bus: new KeepingBus(), log: testLog }, () => ({ http: 0, grpc: 0 }));
  server = await startHttp(front, { requestMs: 300, headersMs: 200, slowCheckMs: 20 });
  const socket = connect(Number(new URL(server.url).port), "127.0.0.1", () => socket.write(bytes));
  let said = "";
  socket.on("data", (chunk) => void (said += String(chunk)));
  await new Promise((resolve) => socket.once("close", resolve).on("error", () => {}));
  return said;
}

describe("a request that never becomes whole", () => {
  it.each([
    ["its headers", "POST /v1/traces HTTP/1.1\r\nHost: x\r\n"],
    ["its body", "POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\nContent-Length: 100\r\n\r\nab"],
  ])("because %s come too slowly is told to come again, and when", async (_what, bytes) => {
    const said = await answerTo(bytes);
    expect(said).toMatch(/^HTTP\/1\.1 503 /);
    expect(said).toMatch(/\r\nRetry-After: \d+\r\n/i);
    expect(said.match(/HTTP\/1\.1/g)).toHaveLength(1);
  });

  it("because it is no HTTP, or its headers are too long, is refused for good", async () => {
    expect(await answerTo("nonsense\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 /);
    await server?.close();
    expect(await answerTo(`POST /v1/traces HTTP/1.1\r\nHost: x\r\nX: ${"x".repeat(20_000)}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431 /);
  });
});
