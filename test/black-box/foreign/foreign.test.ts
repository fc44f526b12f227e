import { rmSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually, startInstance, type Instance } from "../../harness/instance.ts";
import { freePort } from "../../harness/ports.ts";
import { describeWith, runs } from "../../harness/requires.ts";
import { installFlaskr, layFlaskrHistory, startFlaskr, type FlaskrHistory } from "./flaskr.ts";

const REPOSITORY_URL = "https://git.flaskr.example/flaskr.git";
const PYTHON = { name: "python3 with pip", there: runs("python3", "-m", "pip", "--version"), install: "apt-get install python3-pip" };

describeWith(PYTHON, "an application that nobody here wrote, with the plain OpenTelemetry SDK for Python", () => {
  let history: FlaskrHistory;
  let instance: Instance;

  beforeAll(async () => {
    installFlaskr();
    history = layFlaskrHistory();
    instance = await startInstance({ repositories: [{ url: REPOSITORY_URL, path: history.repository }] });
  }, 300_000);

  afterAll(async () => {
    await instance?.remove();
    if (history !== undefined) rmSync(history.repository, { recursive: true, force: true });
  });

  /** Deploys a revision, asks for the index page `count` times, and returns the statuses. */
  const serve = async (revision: string, count: number): Promise<number[]> => {
    const flaskr = await startFlaskr({ history, revision, port: await freePort(), otlpUrl: instance.ingestUrl, repositoryUrl: REPOSITORY_URL });
    try {
      const statuses: number[] = [];
      for (let i = 0; i < count; i++) {
        statuses.push((await fetch(`${flaskr.url}${i % 2 === 0 ? "/" : "/auth/login"}`)).status);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      return statuses;
    } finally {
      await flaskr.stop();
    }
  };

  it("shows its deployments, its error and the guilty commit", { timeout: 120_000 }, async () => {
    expect(await serve(history.baseline, 60)).not.toContain(500);
    expect(await serve(history.faulty, 30)).toContain(500);

    const incident = await eventually("an incident with suspects", 60_000, async () => (await instance.client.incidents()).find((one) => one.ranking !== null) ?? null);
    expect(incident.findings[0]).toMatchObject({ kind: "error", error: { type: "IndexError" } });
    expect(incident.findings[0]?.error?.frames.find((frame) => frame.inApp)).toMatchObject({ path: "flaskr/blog.py", function: "index" });
    expect(incident.deployment).toMatchObject({ service: "flaskr", environment: "production", revision: history.faulty });
    expect(incident.ranking).toMatchObject({ good: history.baseline, bad: history.faulty, abstained: null });
    expect(incident.ranking?.suspects[0]).toMatchObject({ commit: history.guilty, attribution: { authorship: "ai", agent: "Claude Code" } });
    expect(await instance.client.incidents()).toHaveLength(1);

    const deployments = (await (await fetch(`${instance.client.url}/api/deployments`)).json()) as { revision: string }[];
    expect(deployments.map((one) => one.revision).sort()).toEqual([history.baseline, history.faulty].sort());
  });
});
