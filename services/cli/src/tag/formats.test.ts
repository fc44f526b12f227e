import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { parseAttributes } from "./attributes.ts";
import { readFacts, type Facts } from "./facts.ts";
import { FORMATS, render, warning } from "./formats.ts";
import { testCheckout, type TestCheckout } from "./testing/checkout.ts";

const ENVIRONMENT = "prod, $(id) 'eu' \"=1\" `x` & é";

let test: TestCheckout;
let facts: Facts;
beforeAll(async () => {
  test = testCheckout();
  facts = await readFacts({ repo: test.work, service: "shop front", environment: ENVIRONMENT }, {});
});
afterAll(() => test.dispose());

/** What a shell makes of a text, as the two variables that a program then sees. */
function inShell(script: string): string[] {
  return execFileSync("sh", ["-c", `${script}\nprintf '%s\\n%s\\n' "$OTEL_SERVICE_NAME" "$OTEL_RESOURCE_ATTRIBUTES"`], { encoding: "utf8", env: { PATH: process.env["PATH"] ?? "" } }).trimEnd().split("\n");
}

describe("firstfix tag prints", () => {
  const wanted = (): string[] => ["shop front", render(facts, "env").split("\n")[1]?.slice("OTEL_RESOURCE_ATTRIBUTES=".length) ?? ""];

  it("lines that every environment file takes, with the values as they were meant", () => {
    const [service, list] = render(facts, "env").trimEnd().split("\n");
    expect(service).toBe("OTEL_SERVICE_NAME=shop front");
    expect(parseAttributes(list?.slice(list.indexOf("=") + 1) ?? "")).toEqual(facts.attributes);
    expect(facts.attributes.get("deployment.environment.name")).toBe(ENVIRONMENT);
    expect(render(facts, "github")).toBe(render(facts, "env"));
    expect(render(facts, "gitlab")).toBe(render(facts, "env"));
  });

  it("what a shell evaluates to the same", () => {
    expect(inShell(render(facts, "export"))).toEqual(wanted());
  });

  it("build arguments that a shell splits where it should", () => {
    const one = { ...facts, service: "shop" };
    const words = execFileSync("sh", ["-c", `set -- ${render(one, "docker").trim()}; for word; do echo "$word"; done`], { encoding: "utf8" }).trimEnd().split("\n");
    expect(words).toEqual(["--build-arg", "OTEL_SERVICE_NAME=shop", "--build-arg", `OTEL_RESOURCE_ATTRIBUTES=${wanted()[1]}`]);
    expect(() => render(facts, "docker")).toThrow(/space/);
  });

  it("YAML for a container, and JSON", () => {
    expect(parse(render(facts, "k8s"))).toEqual({ env: [{ name: "OTEL_SERVICE_NAME", value: "shop front" }, { name: "OTEL_RESOURCE_ATTRIBUTES", value: wanted()[1] }] });
    expect(JSON.parse(render(facts, "json"))).toMatchObject({ attributes: { "service.name": "shop front", "deployment.environment.name": ENVIRONMENT }, dirty: false, warnings: [] });
  });

  it("no service where none is known", () => {
    for (const format of FORMATS) expect(render({ ...facts, service: "" }, format)).not.toContain("SERVICE_NAME");
  });

  it("refuses what GitLab would not read", () => {
    const long = new Map(Array.from({ length: 40 }, (_, index) => [`key${index}`, "x".repeat(200)] as const));
    expect(() => render({ ...facts, attributes: long }, "gitlab")).toThrow(/GitLab takes 5120/);
  });

  it("a warning as one annotation, whatever it holds", () => {
    expect(warning("50%\n::error::x", "github")).toBe("::warning title=firstfix tag::50%25%0A::error::x");
  });
});
