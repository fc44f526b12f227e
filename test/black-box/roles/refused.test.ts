import { createServer } from "node:net";
import { afterAll, describe, expect, it } from "vitest";
import { Deployment, firstfix } from "../../harness/role.ts";
import { eventually } from "../../harness/instance.ts";
import { freePort } from "../../harness/ports.ts";

const deployment = new Deployment();
afterAll(() => deployment.remove());

const KAFKA = { kind: "kafka", brokers: ["127.0.0.1:1"] };
const NOBODY = "http://127.0.0.1:1/firstfix";

describe("roles that cannot be apart", () => {
  it.each([
    ["ingest without writer, in memory", "ingest", {}, /ingest and writer must be in one process/],
    ["writer without the others, embedded", "writer", { bus: KAFKA }, /embedded store belongs to one process/],
    ["a role that there is not", "reader", {}, /there is no role "reader"/],
  ])("are refused in one line before anything is opened: %s", async (_what, role, config, message) => {
    const { code, output } = await firstfix(["up", "--config", deployment.write("refused.yaml", config), "--role", role]);
    expect(code).toBe(2);
    expect(output).toMatch(message);
    expect(output.trim().split("\n")).toEqual([expect.stringMatching(/^firstfix: /), expect.stringMatching(/^ {2}hint: /)]);
  });

  it("are refused from the environment too", async () => {
    const { code, output } = await firstfix(["up", "--config", deployment.write("env.yaml", {})], { FIRSTFIX_ROLE: "ingest,console" });
    expect(code).toBe(2);
    expect(output).toContain("must be in one process");
  });
});

describe("a role whose store or broker is away", () => {
  it("waits, says so, writes few lines, and ends with 0 when it is stopped", async () => {
    const role = await deployment.start(["console"], { store: { url: NOBODY } });
    const answer = await eventually("/readyz says that it waits", 20_000, async () => {
      const now = await role.readyz();
      return now?.body.parts.some(({ state }) => state === "waiting") === true ? now : null;
    });
    expect(answer.status).toBe(503);
    expect(answer.body.parts).toContainEqual(expect.objectContaining({ part: "store", state: "waiting", reason: expect.stringMatching(/refused/i) as string }));
    expect((await fetch(`${role.adminUrl}/healthz`)).status).toBe(200);
    expect(await (await fetch(`${role.adminUrl}/metrics`)).text()).toContain('firstfix_admin_part_ready{part="store"} 0');
    await new Promise((resolve) => setTimeout(resolve, 2000));
    expect(role.words().split("\n").filter((line) => line.includes("waits"))).toHaveLength(1);
    role.signal("SIGTERM");
    expect((await role.end).code).toBe(0);
  });

  it("waits for its broker alike", async () => {
    const role = await deployment.start(["ingest"], { bus: KAFKA });
    await eventually("/readyz says that it waits", 20_000, async () => ((await role.readyz())?.body.parts.some(({ part, state }) => part === "bus" && state === "waiting") === true ? true : null));
    role.signal("SIGINT");
    expect((await role.end).code).toBe(0);
  });

  it("does not wait for what waiting cannot mend: an open door without keys", async () => {
    const { code, output } = await firstfix(["up", "--config", deployment.write("open.yaml", { bus: KAFKA, ingest: { host: "0.0.0.0", port: 0, grpcPort: 0 }, admin: { port: 0 } }), "--role", "ingest"]);
    expect(code).toBe(2);
    expect(output).toMatch(/^firstfix: ingest\.keys: empty.*\n {2}hint: .*\n$/);
  });

  it("does not wait for what waiting cannot mend: a port that is taken", async () => {
    const port = await freePort();
    const server = createServer().listen(port, "127.0.0.1");
    const file = deployment.write("taken.yaml", { store: { url: NOBODY }, admin: { port } });
    const { code, output } = await firstfix(["up", "--config", file, "--role", "console"]);
    server.close();
    expect(code).toBe(1);
    expect(output).toMatch(new RegExp(`firstfix: port ${port}.*in use`));
  });
});

describe("the doctor of a role", () => {
  it("names a broker and a server that do not answer, an open address without keys, and roles that cannot be", async () => {
    const file = deployment.write("doctor.yaml", { bus: KAFKA, store: { url: "http://firstfix:hunter2@127.0.0.1:1/firstfix" }, ingest: { host: "0.0.0.0", port: 0, grpcPort: 0 }, admin: { port: 0 } });
    const { code, output } = await firstfix(["doctor", "--config", file, "--role", "ingest,writer"]);
    expect(code).toBe(1);
    expect(output).toMatch(/PROBLEM {2}broker 127\.0\.0\.1:1: .*ECONNREFUSED/);
    expect(output).toMatch(/PROBLEM {2}(?!broker).*127\.0\.0\.1:1.*\n {9}hint: /);
    expect(output).toMatch(/PROBLEM {2}ingest listens on 0\.0\.0\.0 and has no keys/);
    expect(output).not.toContain("hunter2");
    const alone = await firstfix(["doctor", "--config", deployment.write("alone.yaml", {}), "--role", "ingest", "--json"]);
    const { healthy, findings } = JSON.parse(alone.output) as { healthy: boolean; findings: { state: string; area: string; what: string }[] };
    expect([alone.code, healthy]).toEqual([1, false]);
    expect(findings).toContainEqual(expect.objectContaining({ state: "problem", area: "configuration" }));
  });

  it("tells a port of something else from a broker", async () => {
    const server = createServer((socket) => socket.on("error", () => undefined).on("data", () => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"))).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as { port: number };
    const { output } = await firstfix(["doctor", "--config", deployment.write("else.yaml", { bus: { kind: "kafka", brokers: [`127.0.0.1:${port}`] }, admin: { port: 0 } }), "--role", "ingest"]);
    server.close();
    expect(output).toMatch(new RegExp(`PROBLEM {2}broker 127.0.0.1:${port}: speaks something else`));
  });
});
