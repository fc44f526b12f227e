import { execFile, spawn } from "node:child_process";
import { mkdtemp, mkdir, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type History, layHistory, SHOP_FOLDER, shopFiles } from "./index.ts";

const run = promisify(execFile);
const NODE_MODULES = fileURLToPath(new URL("../../../node_modules", import.meta.url));

let folder: string;
let history: History;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ff-history-"));
  history = await layHistory(join(folder, "shop"));
  await exported(history.revisions.baseline);
  await exported(history.revisions.faulty);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("the shop's history", () => {
  it("has the same commits every time", async () => {
    expect(await layHistory(join(folder, "again"))).toEqual(history);
    expect(history.revisions).toEqual({ baseline: "a0bef07327d72fac3609340ca3a55acd1c1c559d", faulty: "be996c1f58a04a58507ae1b03ae363d6857ea43b" });
  });

  it("holds exactly the files of the sample application at its baseline", async () => {
    const listed = (await git(["ls-tree", "-r", "--name-only", history.revisions.baseline])).split("\n").sort();
    expect(listed).toEqual(await shopFiles());
    const text = await readFile(join(folder, history.revisions.baseline, "src/settlement.js"), "utf8");
    expect(text).toBe(await readFile(join(SHOP_FOLDER, "src/settlement.js"), "utf8"));
  });

  it("brings three faults by three assistants among harmless changes", async () => {
    expect(history.planted.map((one) => one.kind).sort()).toEqual(["invariant", "temporal", "throws"]);
    expect(new Set(history.planted.map((one) => one.agent)).size).toBe(3);
    const between = (await git(["rev-list", `${history.revisions.baseline}..${history.revisions.faulty}`])).split("\n");
    expect(between.sort()).toEqual([...history.planted.map((one) => one.commit), ...history.harmless].sort());
  });

  it("notes the lines of the assistant that git-ai watched", async () => {
    const planted = history.planted.find((one) => one.kind === "invariant")?.commit ?? "";
    expect(await git(["notes", "--ref=ai", "show", planted])).toMatch(/^src\/coupons\.js\n {2}s_\w+::t_\w+ \d+-\d+,\d+\n---\n/);
  });
});

describe.each(["baseline", "faulty"] as const)("the shop at the %s revision", (name) => {
  it("passes its own tests", async () => {
    const { stdout } = await run(process.execPath, ["--test"], { cwd: join(folder, history.revisions[name]), env: plainEnv() });
    expect(stdout).toMatch(/fail 0/);
  });

  it(name === "faulty" ? "shows each fault on a direct request" : "is free of the faults", async () => {
    const faulty = name === "faulty";
    const shop = await startShop(join(folder, history.revisions[name]));
    try {
      const pickup = await shop.checkout({ shipping: undefined });
      expect(pickup.status).toBe(faulty ? 500 : 201);

      const cheap = await shop.checkout({ items: [{ sku: "postcard" }], coupon: "TENOFF" });
      expect(cheap.status).toBe(201);
      expect(Number(cheap.body["total"])).toBe(faulty ? -160 : 490);

      const wallet = await shop.checkout({ payment: { method: "wallet", token: "[redacted]" } });
      const card = await shop.checkout({});
      await sleep(400);
      expect(await shop.statusOf(card.body["id"])).toBe("confirmed");
      expect(await shop.statusOf(wallet.body["id"])).toBe(faulty ? "paid" : "confirmed");
    } finally {
      shop.stop();
    }
  });
});

async function git(args: readonly string[]): Promise<string> {
  return (await run("git", ["-C", join(folder, "shop"), ...args])).stdout.trim();
}

async function exported(revision: string): Promise<void> {
  const target = join(folder, revision);
  await mkdir(target);
  await run("sh", ["-c", `git -C "$1" archive "$2" | tar -x -C "$3"`, "sh", join(folder, "shop"), revision, target]);
  await symlink(NODE_MODULES, join(target, "node_modules"));
}

function plainEnv(): NodeJS.ProcessEnv {
  return { PATH: process.env["PATH"], HOME: folder };
}

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

async function startShop(cwd: string) {
  const child = spawn(process.execPath, ["src/server.js"], { cwd, env: { ...plainEnv(), PORT: "0" } });
  const port = await new Promise<string>((resolve, reject) => {
    child.stdout.on("data", (chunk: Buffer) => {
      const match = /listens on (\d+)/.exec(chunk.toString("utf8"));
      if (match?.[1] !== undefined) resolve(match[1]);
    });
    child.on("exit", () => { reject(new Error("the shop ended")); });
  });
  const url = `http://127.0.0.1:${port}`;
  return {
    stop: () => child.kill("SIGTERM"),
    statusOf: async (id: unknown) => ((await (await fetch(`${url}/orders/${String(id)}`)).json()) as { status: string }).status,
    checkout: async (changes: Record<string, unknown>): Promise<Answer> => {
      const response = await fetch(`${url}/checkout`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({
          items: [{ sku: "mug", quantity: 1 }],
          shipping: { country: "DE", postcode: "10115" },
          customer: { email: "customer@shop.example" },
          payment: { method: "card", token: "tok_visa" },
          ...changes,
        }),
      });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    },
  };
}
