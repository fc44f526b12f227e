import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startInstance, type Instance } from "../harness/instance.ts";
import { freePort } from "../harness/ports.ts";

const CLI = new URL("../../services/cli/src/main.ts", import.meta.url).pathname;

/** Runs the CLI to its end. */
async function firstfix(...args: string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [CLI, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => { output += chunk.toString(); });
  const timer = setTimeout(() => child.kill("SIGKILL"), 30_000);
  const code = await new Promise<number | null>((resolve) => child.once("exit", resolve));
  clearTimeout(timer);
  return { code, output };
}

describe("a running Firstfix, given nonsense", () => {
  let instance: Instance;
  beforeAll(async () => { instance = await startInstance(); });
  afterAll(async () => { await instance.remove(); });

  const post = (path: string, body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string>): Promise<Response> => fetch(instance.ingestUrl + path, { method: "POST", body, headers });

  it("answers 400 with the reason, in the encoding of the request", async () => {
    const protobuf = await post("/v1/traces", Buffer.from([0x0a, 0xff, 0xff, 0x01, 0x01]), { "content-type": "application/x-protobuf" });
    expect(protobuf.status).toBe(400);
    expect(protobuf.headers.get("content-type")).toBe("application/x-protobuf");
    const json = await post("/v1/traces", '{"resourceSpans": [{"scopeSpans": 3}]}', { "content-type": "application/json" });
    expect(json.status).toBe(400);
    expect(await json.json()).toMatchObject({ message: expect.stringMatching(/\w{5,}/) as string });
    const cut = await post("/v1/traces", gzipSync("hello").subarray(0, 12), { "content-type": "application/json", "content-encoding": "gzip" });
    expect(cut.status).toBe(400);
  });

  it("answers what it does not take, and takes an empty request", async () => {
    expect((await post("/v1/traces", "x", { "content-type": "text/plain" })).status).toBe(415);
    expect((await post("/v1/metrics", "{}", { "content-type": "application/json" })).status).toBe(404);
    expect((await fetch(`${instance.ingestUrl}/v1/traces`)).status).toBe(405);
    expect((await post("/v1/traces", "{}", { "content-type": "application/json" })).status).toBe(200);
    expect((await post("/v1/traces", Buffer.alloc(21 << 20), { "content-type": "application/x-protobuf" })).status).toBe(413);
  });

  it("says in one line that the data folder is in use", async () => {
    const file = join(instance.folder, "second.yaml");
    writeFileSync(file, JSON.stringify({ data: instance.dataFolder, ingest: { port: 0, grpcPort: 0 }, console: { port: 0 }, admin: { port: 0 } }));
    const { code, output } = await firstfix("up", "--config", file);
    expect(code).toBe(1);
    expect(output).toMatch(/firstfix: .*in use/);
    expect(output).not.toContain("    at ");
  });

  it("says in one line that a port is in use", async () => {
    const file = join(instance.folder, "third.yaml");
    writeFileSync(file, JSON.stringify({ data: join(instance.folder, "data3"), ingest: { port: instance.ingestPort, grpcPort: 0 }, console: { port: 0 }, admin: { port: 0 } }));
    const { code, output } = await firstfix("up", "--config", file);
    expect(code).toBe(1);
    expect(output).toMatch(new RegExp(`firstfix: .*${instance.ingestPort}.*in use`));
    expect(output).not.toContain("    at ");
  });
});

describe("the CLI, called wrongly", () => {
  const folder = mkdtempSync(join(tmpdir(), "firstfix-cli-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("names the key, the value and what is allowed", async () => {
    const file = join(folder, "wrong.yaml");
    writeFileSync(file, "ingest:\n  port: many\n");
    const { code, output } = await firstfix("up", "--config", file);
    expect(code).toBe(2);
    expect(output).toMatch(/ingest\.port: "many" is not allowed/);
  });

  it("names a configuration file that is not there", async () => {
    const { code, output } = await firstfix("up", "--config", "/nowhere/firstfix.yaml");
    expect(code).toBe(2);
    expect(output).toContain("/nowhere/firstfix.yaml");
  });

  it("helps with a wrong command", async () => {
    const { code, output } = await firstfix("upp");
    expect(code).not.toBe(0);
    expect(output).toContain("up");
  });

  it("doctor names a taken port and a missing repository", async () => {
    const port = await freePort();
    const server = createServer().listen(port, "127.0.0.1");
    const file = join(folder, "doctor.yaml");
    writeFileSync(file, JSON.stringify({ data: join(folder, "data"), ingest: { port }, repositories: [{ url: "https://git.example.com/x.git", path: "/nowhere" }] }));
    const { code, output } = await firstfix("doctor", "--config", file);
    server.close();
    expect(code).toBe(1);
    expect(output).toMatch(new RegExp(`PROBLEM.*${port}.*in use by another program`));
    expect(output).toMatch(/PROBLEM.*https:\/\/git\.example\.com\/x\.git/);
    expect(output).toContain("hint:");
  });
});
