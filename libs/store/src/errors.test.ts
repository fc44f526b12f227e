import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { FirstfixError } from "@firstfix/kit";
import { describe, expect, it } from "vitest";
import { batchError, openError, statementError } from "./errors.ts";
import { openStore } from "./open.ts";

// What the engine and a server say is made to happen in conformance.ts and test/black-box/store; here is the rest.
describe("errors that are not the engine's", () => {
  it.skipIf(!existsSync("/dev/full"))("tell a full disk of this machine from a server that is away", async () => {
    const full: unknown = await writeFile("/dev/full", "x").catch((error: unknown) => error);
    expect(batchError(full)).toMatchObject({ code: "store.unavailable", retryable: true, hint: expect.stringContaining("disk of the store is full") as string });
    const missing: unknown = await readFile("/no/such/file").catch((error: unknown) => error);
    expect(batchError(missing)).toMatchObject({ code: "store.unavailable", retryable: true, hint: undefined });
  });

  it("of a name with several addresses say what happened, and that it may pass", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, () => resolve()));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    await expect(openStore({ url: `http://localhost:${port}/x` })).rejects.toMatchObject({ code: "store.unavailable", retryable: true, message: expect.stringContaining("ECONNREFUSED") as string, hint: expect.stringContaining("reachable") as string });
    const several: unknown = new AggregateError([new Error("connect ECONNREFUSED ::1:1")]);
    expect(statementError(Object.assign(several as Error, { code: "ECONNREFUSED", syscall: "connect" }))).toMatchObject({ code: "store.unavailable", message: "The store did not answer: ECONNREFUSED" });
  });

  it("of ours stay what they are", () => {
    const ours = new FirstfixError("bad_request", "no");
    expect([batchError(ours), statementError(ours), openError("x", ours)]).toEqual([ours, ours, ours]);
    const changed = new FirstfixError("store.unavailable", "A migration was changed.");
    expect(openError("x", changed)).toBe(changed);
  });
});
