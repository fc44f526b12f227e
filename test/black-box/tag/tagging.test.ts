import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GO, goProgram } from "../../harness/collector.ts";
import { command } from "../../harness/command.ts";
import { eventually, startInstance, type Instance } from "../../harness/instance.ts";
import { describeWith } from "../../harness/requires.ts";
import { PYTHON, pythonWithSdk } from "../clients/python.ts";
import { environmentOf, podEnvironment, snippets, tagLines, yamlOf } from "./snippets.ts";

const CLI = fileURLToPath(new URL("../../../services/cli/firstfix.js", import.meta.url));
const ADDRESS = "https://git.example.com/team/shop.git";

let folder: string;
let work: string;
let head: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "firstfix-tagging-"));
  work = join(folder, "work");
  mkdirSync(join(folder, "bin"));
  writeFileSync(join(folder, "bin/firstfix"), `#!/bin/sh\nexec '${process.execPath}' '${CLI}' "$@"\n`);
  chmodSync(join(folder, "bin/firstfix"), 0o755);
  const git = (...args: string[]): string => execFileSync("git", ["-c", "user.name=Ada", "-c", "user.email=ada@shop.example", "-c", "commit.gpgsign=false", "-C", work, ...args], { encoding: "utf8" }).trim();
  mkdirSync(work);
  git("init", "-q", "-b", "main");
  for (const message of ["one", "two\n\nCo-Authored-By: Claude <noreply@anthropic.com>"]) {
    writeFileSync(join(work, "shop.js"), `${message}\n`);
    git("add", ".");
    git("commit", "-q", "-m", message);
  }
  head = git("rev-parse", "HEAD");
  git("remote", "add", "origin", ADDRESS.replace("//", "//ci:s3cret@"));
  // As a CI leaves it.
  git("checkout", "-q", "--detach");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a line of the documentation as the CI's shell would, in the checkout. */
function sh(script: string, env: Readonly<Record<string, string>> = {}): string {
  return execFileSync("bash", ["--norc", "-euo", "pipefail", "-c", script], { cwd: work, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], env: { PATH: `${join(folder, "bin")}:${process.env["PATH"] ?? ""}`, ...env } });
}

const revision = (): string => `vcs.ref.head.revision=${head}`;
const github = (): Record<string, string> => ({ GITHUB_ENV: join(folder, "github.env"), GITHUB_SHA: head, GITHUB_REF_TYPE: "branch", GITHUB_REF_NAME: "main", GITHUB_SERVER_URL: "https://github.com", GITHUB_REPOSITORY: "team/shop", GITHUB_RUN_ID: "1" });

function inGithub(): Record<string, string> {
  const { jobs } = yamlOf("GitHub Actions") as { jobs: { deploy: { steps: { run?: string; env?: Record<string, string> }[] } } };
  const scripts = tagLines(jobs.deploy.steps.flatMap((step) => step.run ?? []));
  expect(scripts).toHaveLength(1);
  rmSync(join(folder, "github.env"), { force: true });
  sh(scripts.join("\n"), { ...github(), BEFORE: execFileSync("git", ["-C", work, "rev-parse", "HEAD~1"], { encoding: "utf8" }).trim() });
  return environmentOf(readFileSync(join(folder, "github.env"), "utf8"));
}

function inGitlab(): Record<string, string> {
  const { tag } = yamlOf("GitLab CI") as { tag: { script: string[]; artifacts: { reports: { dotenv: string } } } };
  expect(tagLines(tag.script)).toHaveLength(1);
  sh(tag.script.join("\n"), { CI_COMMIT_SHA: head, CI_COMMIT_REF_NAME: "main", CI_COMMIT_BEFORE_SHA: "0".repeat(40) });
  return environmentOf(readFileSync(join(work, tag.artifacts.reports.dotenv), "utf8"));
}

function inKubernetes(): Record<string, string> {
  sh(tagLines(snippets("Kubernetes", "sh").slice(0, 1)).join("\n"));
  const { spec } = yamlOf("Kubernetes") as { spec: { template: { spec: { containers: { envFrom: { prefix: string }[]; env: { name: string; value?: string }[] }[] } } } };
  const [container] = spec.template.spec.containers;
  return podEnvironment(container?.env ?? [], environmentOf(readFileSync(join(work, "shop.env"), "utf8")), container?.envFrom[0]?.prefix ?? "");
}

function inShell(): Record<string, string> {
  return environmentOf(sh(`${snippets("By language", "sh")[0] ?? ""}\nenv | grep ^OTEL_`));
}

describe("docs/tagging.md", () => {
  it("tags in GitHub Actions, with a manifest of what the push brought", () => {
    const env = inGithub();
    expect(env["OTEL_SERVICE_NAME"]).toBe("shop");
    expect(env["OTEL_RESOURCE_ATTRIBUTES"]?.split(",")).toEqual([revision(), "vcs.ref.head.name=main", "vcs.ref.head.type=branch", `vcs.repository.url.full=${ADDRESS}`, "deployment.environment.name=production"]);
    expect(JSON.parse(readFileSync(join(work, "provenance.json"), "utf8"))).toMatchObject({ revision: head, dirty: false, run: "https://github.com/team/shop/actions/runs/1", incomplete: null, commits: [{ agent: "Claude Code" }] });
  });

  it("tags in GitLab CI, also for the first push of a branch", () => {
    expect(inGitlab()["OTEL_RESOURCE_ATTRIBUTES"]).toContain(revision());
    expect(JSON.parse(readFileSync(join(work, "provenance.json"), "utf8"))).toMatchObject({ revision: head });
  });

  it("gives docker its build arguments, and the Dockerfile takes them", () => {
    const [build = "", files = ""] = snippets("Dockerfile", "sh");
    // Which words docker would be given.
    expect(sh(`docker() { printf '%s\\n' "$@"; }\n${build}`).split("\n")).toEqual(["build", "--build-arg", "OTEL_SERVICE_NAME=shop", "--build-arg", expect.stringContaining(`OTEL_RESOURCE_ATTRIBUTES=${revision()}`), "-t", "shop", ".", ""]);
    const [dockerfile = ""] = snippets("Dockerfile", "dockerfile");
    for (const name of ["OTEL_SERVICE_NAME", "OTEL_RESOURCE_ATTRIBUTES"]) expect(dockerfile).toMatch(new RegExp(`^ARG ${name}$[^]*^ENV .*${name}="\\$${name}"`, "m"));
    sh(tagLines([files]).join("\n"));
    expect(environmentOf(readFileSync(join(work, "shop.env"), "utf8"))["OTEL_RESOURCE_ATTRIBUTES"]).toMatch(/deployment\.environment\.name=staging$/);
  });

  it("puts build and pod together in Kubernetes, and is valid YAML for Compose", () => {
    expect(inKubernetes()).toMatchObject({ OTEL_SERVICE_NAME: "shop", OTEL_RESOURCE_ATTRIBUTES: expect.stringMatching(new RegExp(`^${revision()}.*,deployment.environment.name=production,k8s.pod.name=shop-7d4$`)) as string });
    expect(yamlOf("Docker Compose")).toMatchObject({ services: { shop: { env_file: "shop.env" } } });
    const inline = tagLines(snippets("Kubernetes", "sh").slice(1)).at(-1) ?? "";
    expect(sh(inline)).toMatch(/^env:\n {2}- name: "OTEL_SERVICE_NAME"\n {4}value: "shop"\n/);
  });

  it("says what is wrong in one line, and ends with 1 only when asked", () => {
    writeFileSync(join(work, "shop.js"), "changed\n");
    expect(sh("firstfix tag 2>&1")).toContain("1 tracked file differs from the commit");
    expect(() => sh("firstfix tag --strict 2>/dev/null")).toThrow();
    execFileSync("git", ["-C", work, "checkout", "-q", "shop.js"]);
    sh("firstfix tag --strict");
    expect(() => sh(`firstfix tag --repo '${folder}' 2>/dev/null`)).toThrow();
    expect(sh(`firstfix tag --repo '${folder}' 2>&1 || true`)).toMatch(/^firstfix: nothing says which commit .*\n {2}hint: /);
  });
});

const NODE = { name: "Node", there: true, install: "npm ci" };
/** Every sign that one SDK or another reads differently where it is not encoded. */
const STAGE = "eu, 1=a+b é";
const SDKS = [
  { language: "JavaScript", need: NODE, prepare: () => Promise.resolve([process.execPath, "--import", "@opentelemetry/auto-instrumentations-node/register", join(import.meta.dirname, "client.cjs")]), environment: inGithub },
  { language: "Python", need: PYTHON, prepare: async () => [await pythonWithSdk(), join(import.meta.dirname, "client.py")], environment: inGitlab },
  { language: "Go", need: GO, prepare: async () => [join(await goProgram("tag/go", join(import.meta.dirname, "go"), ["main.go", "go.mod", "go.sum"]), "program")], environment: inKubernetes },
  { language: "JavaScript, by Firstfix's own SDK", need: NODE, prepare: () => Promise.resolve([process.execPath, "--import", "@firstfix/sdk/register", join(import.meta.dirname, "client.cjs")]), environment: inShell },
];

describe("an application that is told by the environment alone", () => {
  let instance: Instance;
  beforeAll(async () => {
    instance = await startInstance();
  });
  afterAll(() => instance.remove());

  for (const { language, need, prepare, environment } of SDKS)
    describeWith(need, `in ${language}`, () => {
      it("appears among the deployments with its revision and repository", async () => {
        const [program = "", ...args] = await prepare();
        const given = environment();
        const service = `${given["OTEL_SERVICE_NAME"] ?? ""}-${language.length}`;
        const attributes = given["OTEL_RESOURCE_ATTRIBUTES"]?.replace("=production", `=${sh(`firstfix tag --environment '${STAGE}'`).trim().split("deployment.environment.name=")[1] ?? ""}`) ?? "";
        const env = { ...given, OTEL_SERVICE_NAME: service, OTEL_RESOURCE_ATTRIBUTES: attributes, OTEL_EXPORTER_OTLP_ENDPOINT: instance.ingestUrl, OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf", OTEL_METRICS_EXPORTER: "none", OTEL_LOGS_EXPORTER: "none" };
        await command(program, args, { cwd: import.meta.dirname, timeoutMs: 60_000, env });
        const deployment = await eventually(`a deployment of ${service}`, 30_000, async () => {
          const all = (await (await fetch(`${instance.client.url}/api/deployments`)).json()) as { service: string }[];
          return all.find((one) => one.service === service) ?? null;
        });
        expect(deployment).toMatchObject({ service, environment: STAGE, revision: head, repository: ADDRESS });
      });
    });
});
