import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { loadConfig, parseConfig } from "@firstfix/kit";
import { beforeAll, describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { checkRoles, parseRoles } from "../../../services/roles.ts";
import { HELM, helmBinary } from "../../harness/helm.ts";
import { describeWith } from "../../harness/requires.ts";

const ROOT = join(import.meta.dirname, "../../..");
const CHART = join(ROOT, "helm/firstfix");
let binary = "";

const KEY = ["--set", "ingestKeys[0].name=shop,ingestKeys[0].key=9f2c1b7ae4d05836c2a1"];
const DISTRIBUTED = [...KEY, "--set", "mode=distributed,kafka.brokers[0]=kafka:9092,clickhouse.url=http://u:p@clickhouse:8123/firstfix,repositories.existingClaim=clones"];

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly stringData?: Readonly<Record<string, string>>;
  readonly spec?: { readonly replicas?: number; readonly template?: { readonly metadata: { readonly labels: Readonly<Record<string, string>> }; readonly spec: Pod }; readonly selector?: Readonly<Record<string, unknown>> };
}

interface Pod {
  readonly enableServiceLinks: boolean;
  readonly containers: readonly { readonly args: readonly string[]; readonly volumeMounts: readonly { readonly name: string }[]; readonly ports: readonly { readonly name: string }[]; readonly readinessProbe: { readonly httpGet: { readonly path: string; readonly port: string } } }[];
  readonly volumes: readonly { readonly name: string }[];
}

describeWith(HELM, "the chart", () => {
  beforeAll(async () => {
    binary = await helmBinary();
  }, 900_000);

  it("passes helm's own linter", () => {
    expect(helm("lint", CHART, ...KEY)).toMatchObject({ status: 0 });
    expect(helm("lint", CHART, ...DISTRIBUTED)).toMatchObject({ status: 0 });
  });

  it("is one pod with its store by default", () => {
    const all = template(...KEY);
    expect(all.filter(({ kind }) => kind === "StatefulSet")).toHaveLength(1);
    expect(all.filter(({ kind }) => kind === "Deployment")).toHaveLength(0);
    expect(configOf(all)).toMatchObject({ bus: { kind: "memory" }, store: { url: "" }, ingest: { host: "0.0.0.0", keys: [{ name: "shop" }] } });
  });

  it("is a Deployment for each role on Kafka and ClickHouse, with a configuration that Firstfix takes", () => {
    const all = template(...DISTRIBUTED);
    const config = configOf(all);
    expect(config).toMatchObject({ bus: { kind: "kafka", brokers: ["kafka:9092"], replication: 3 }, store: { url: "http://u:p@clickhouse:8123/firstfix" } });
    const pods = all.filter(({ kind }) => kind === "Deployment").map(({ spec }) => spec?.template?.spec as Pod);
    const roles = pods.map(({ containers }) => containers[0]?.args.at(-1) ?? "");
    expect(roles).toEqual(["ingest", "writer", "correlator", "fixer", "console"]);
    for (const role of roles) expect(() => checkRoles(config, parseRoles([role], undefined))).not.toThrow();
    for (const { containers, volumes, enableServiceLinks } of pods) {
      // A release called firstfix has a service firstfix-console, and would set FIRSTFIX_CONSOLE_PORT=tcp://….
      expect(enableServiceLinks).toBe(false);
      expect(containers[0]?.readinessProbe.httpGet).toEqual({ path: "/readyz", port: "admin" });
      const there = volumes.map(({ name }) => name);
      for (const { name } of containers[0]?.volumeMounts ?? []) expect(there).toContain(name);
    }
    expect(all.map(({ kind }) => kind)).toEqual(expect.arrayContaining(["HorizontalPodAutoscaler", "PodDisruptionBudget", "NetworkPolicy", "Secret", "Service"]));
    const configMap = all.find(({ kind }) => kind === "ConfigMap")?.data?.["firstfix.yaml"] ?? "";
    expect(configMap).not.toMatch(/9f2c1b7ae4d05836c2a1|u:p@/);
  });

  it.each([
    ["no key", []],
    ["no broker", [...KEY, "--set", "mode=distributed,clickhouse.url=http://c:8123/x"]],
    ["no ClickHouse", [...KEY, "--set", "mode=distributed,kafka.brokers[0]=k:9092"]],
    ["a mode that there is not", [...KEY, "--set", "mode=both"]],
  ])("refuses %s and says what to set", (_what, values) => {
    const { status, output } = helm("template", "t", CHART, ...values);
    expect(status).not.toBe(0);
    expect(output).toMatch(/ingestKeys|kafka\.brokers|clickhouse\.url|embedded or distributed/);
  });

  it("takes a Secret of one's own and makes none", () => {
    expect(template("--set", "existingSecret=mine").filter(({ kind }) => kind === "Secret")).toHaveLength(0);
  });
});

describe("the compose files", () => {
  it.each(["deploy/compose.yaml", "deploy/compose.distributed.yaml"])("%s gives variables that Firstfix knows", (file) => {
    const { services } = parse(readFileSync(join(ROOT, file), "utf8"), { merge: true }) as { services: Readonly<Record<string, { readonly command?: readonly string[]; readonly environment?: Readonly<Record<string, string>> }>> };
    const ours = Object.values(services).filter(({ command }) => command?.[0] === "up");
    expect(ours.length).toBeGreaterThan(0);
    for (const { command = [], environment = {} } of ours) {
      const env = Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, value.replaceAll(/\$\{[^}]*\}/g, "9f2c1b7ae4d05836c2a1")]));
      const role = command[command.indexOf("--role") + 1];
      expect(() => checkRoles(loadConfig(undefined, env), parseRoles(command.includes("--role") ? [role ?? ""] : [], undefined))).not.toThrow();
    }
  });
});

function helm(...args: string[]): { readonly status: number | null; readonly output: string } {
  const { status, stdout, stderr } = spawnSync(binary, args, { encoding: "utf8", timeout: 60_000 });
  return { status, output: `${stdout}${stderr}` };
}

function template(...values: string[]): Manifest[] {
  const { status, stdout, stderr } = spawnSync(binary, ["template", "t", CHART, ...values], { encoding: "utf8", timeout: 60_000 });
  if (status !== 0) throw new Error(stderr);
  return parseAllDocuments(stdout).map((one) => one.toJS() as Manifest).filter((one) => one !== null);
}

/** As a pod would read it: the file, and the variables of the Secret. */
function configOf(all: readonly Manifest[]): ReturnType<typeof parseConfig> {
  const file = parse(all.find(({ kind }) => kind === "ConfigMap")?.data?.["firstfix.yaml"] ?? "") as Record<string, Record<string, unknown>>;
  const secret = all.find(({ kind }) => kind === "Secret")?.stringData ?? {};
  const merged = { ...file, ingest: { ...file["ingest"], keys: JSON.parse(secret["FIRSTFIX_INGEST_KEYS"] ?? "[]") as unknown }, store: { ...file["store"], ...(secret["FIRSTFIX_STORE_URL"] === undefined ? {} : { url: secret["FIRSTFIX_STORE_URL"] }) } };
  return parseConfig(merged, "/");
}
