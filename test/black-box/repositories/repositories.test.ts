import { randomBytes } from "node:crypto";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { GitServer } from "../../../libs/provenance/src/testing/git-server.ts";
import { GitSandbox } from "../../../libs/provenance/src/testing/sandbox.ts";
import { command } from "../../harness/command.ts";
import { eventually, startInstance, type Instance } from "../../harness/instance.ts";
import { freePort } from "../../harness/ports.ts";

const CLI = fileURLToPath(new URL("../../../services/cli/src/main.ts", import.meta.url));
const TOKEN = "only-the-server-may-know-this";
const NAME = "https://git.shop.example/shop";
const CART = "export function total(order) {\n  const lines = order?.lines ?? [];\n  return lines.reduce((sum, line) => sum + line.price, 0);\n}\n";
const STACK = "TypeError: Cannot read properties of undefined (reading 'reduce')\n    at total (/srv/app/cart/total.js:3:16)\n    at pay (/srv/app/cart/total.js:2:17)";

describe("a repository that is added while Firstfix runs", () => {
  let folder: string;
  let origin: GitSandbox;
  let server: GitServer;
  let source: string;
  let instance: Instance;

  const firstfix = (...args: string[]): Promise<string> => command(process.execPath, [CLI, ...args, "--config", instance.configFile], { timeoutMs: 60_000, env: { FIRSTFIX_GIT_TOKEN_127_0_0_1: "" } });
  const push = (): string => origin.git("push", "--quiet", "--force", join(folder, "served", "shop.git"), "main");

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "firstfix-added-"));
    origin = new GitSandbox();
    origin.commit("Open the shop", { ".firstfix.yaml": "services:\n  cart:\n    start: node cart.js\n    paths: [cart/]\n  mail:\n    start: node mail.js\n    paths: [mail/]\n", "cart/total.js": CART, "mail/send.js": "export const send = () => {};\n" });
    execFileSync("git", ["clone", "--quiet", "--bare", origin.path, join(folder, "served", "shop.git")]);
    server = new GitServer({ root: join(folder, "served"), password: TOKEN });
    source = `${await server.start()}/shop.git`;
    // Only the running Firstfix has the token: the command below asks it to do the work.
    vi.stubEnv("FIRSTFIX_GIT_TOKEN_127_0_0_1", TOKEN);
    instance = await startInstance({ admin: { port: await freePort() }, correlator: { goodExposureSpansMin: 5, settleMs: 500 }, fixer: { enabled: false } });
    vi.unstubAllEnvs();
  }, 120_000);

  afterAll(async () => {
    await instance?.remove();
    await server?.close();
    origin?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const send = async (service: string, revision: string, count: number, stack?: string): Promise<void> => {
    const at = (ms: number): string => String(BigInt(Date.now() + ms) * 1_000_000n);
    const attribute = (key: string, value: string): object => ({ key, value: { stringValue: value } });
    const events = stack === undefined ? [] : [{ timeUnixNano: at(0), name: "exception", attributes: [attribute("exception.type", "TypeError"), attribute("exception.message", "Cannot read properties of undefined (reading 'reduce')"), attribute("exception.stacktrace", stack)] }];
    const spans = Array.from({ length: count }, () => ({ traceId: randomBytes(16).toString("hex"), spanId: randomBytes(8).toString("hex"), name: "POST /cart", kind: 2, startTimeUnixNano: at(-5), endTimeUnixNano: at(0), status: stack === undefined ? {} : { code: 2 }, events }));
    const resource = { attributes: [attribute("service.name", service), attribute("deployment.environment.name", "production"), attribute("vcs.ref.head.revision", revision), attribute("vcs.repository.url.full", `${NAME}.git`)] };
    const answer = await fetch(`${instance.ingestUrl}/v1/traces`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ scope: { name: "test" }, spans }] }] }) });
    expect(answer.status).toBe(200);
  };

  it("gives an incident its guilty change, of commits that were pushed after it was added", { timeout: 120_000 }, async () => {
    const good = origin.git("rev-parse", "main");
    await send("early", good, 5, STACK);
    const early = await eventually("an incident that says what is missing", 30_000, async () => (await instance.client.incidents()).find((one) => one.problems.length > 0) ?? null);
    expect(early.problems[0]).toMatchObject({ says: expect.stringContaining(`knows no repository ${NAME}`) as string, hint: expect.stringContaining("firstfix repo add") as string });
    const added = JSON.parse(await firstfix("repo", "add", source, "--url", NAME, "--json")) as { url: string; push: boolean; mirror: { path: string; branches: number } };
    expect(added).toMatchObject({ url: NAME, source, push: false, mirror: { branches: 1, shallow: false } });
    expect(added.mirror.path.startsWith(instance.dataFolder)).toBe(true);

    await send("cart", good, 30);
    const guilty = origin.commit("Trust the order\n\nCo-Authored-By: Claude <noreply@anthropic.com>", { "cart/total.js": CART.replace("order?.lines ?? []", "order.lines") });
    const bad = origin.commit("Greet politely", { "mail/send.js": "export const send = () => 'Dear customer';\n" });
    push();
    await send("cart", bad, 20, STACK);
    const incident = await eventually("an incident with suspects", 60_000, async () => (await instance.client.incidents()).find((one) => one.deployment.service === "cart" && one.ranking !== null) ?? null);
    expect(incident.ranking).toMatchObject({ good, bad, abstained: null });
    expect(incident.ranking?.suspects[0]).toMatchObject({ commit: guilty, attribution: { authorship: "ai", agent: "Claude Code" } });
    expect(incident.problems).toEqual([]);
    expect((await instance.client.incidents()).find((one) => one.incidentId === early.incidentId)?.ranking).not.toBeNull();
    expect(server.leaks).toEqual([]);
  });

  it("keeps two services of one repository apart, and lists what telemetry named", { timeout: 60_000 }, async () => {
    const revision = origin.git("rev-parse", "main");
    await send("mail", revision, 3);
    const listed = await eventually("all services", 30_000, async () => {
      const all = JSON.parse(await firstfix("repo", "list", "--json")) as { url: string; services: string[] }[];
      return all.find((one) => one.url === NAME && one.services.length === 3) ?? null;
    });
    expect(listed).toMatchObject({ kind: "mirror", source, services: ["cart", "early", "mail"], revisions: 2, mirror: { failure: "", fixes: [], submodules: [] } });
    expect(await firstfix("repo", "list")).toContain("cart, early, mail; 2 revisions");
  });

  it("survives a forced push, is refreshed by hand, and is removed", { timeout: 60_000 }, async () => {
    const deployed = origin.git("rev-parse", "main");
    origin.git("reset", "--quiet", "--hard", "HEAD~1");
    origin.commit("Something else", { "README.md": "# Shop\n" });
    push();
    expect(JSON.parse(await firstfix("repo", "refresh", "--json"))).toEqual([{ url: NAME, ok: true, says: `fetched from ${source}`, hint: "" }]);
    const mirror = (JSON.parse(await firstfix("repo", "list", "--json")) as { url: string; mirror: { path: string } }[]).find((one) => one.url === NAME);
    expect(origin.git("-C", mirror?.mirror.path ?? "", "cat-file", "-t", deployed)).toBe("commit");
    expect(origin.git("-C", mirror?.mirror.path ?? "", "for-each-ref", "--format=%(refname)")).toContain(`refs/firstfix/deployed/${deployed}`);

    await expect(firstfix("repo", "remove", "https://git.shop.example/other")).rejects.toThrow(/was never added/);
    for (const hostile of ["ext::sh -c touch% /tmp/x", "https://user:secret@git.example.com/x"]) await expect(firstfix("repo", "add", hostile)).rejects.toThrow(/hint:/);
    expect(JSON.parse(await firstfix("repo", "remove", NAME, "--json"))).toEqual({ url: NAME, mirrorRemoved: true });
    expect(await firstfix("repo", "list")).toContain("not added: firstfix repo add");
  });
});
