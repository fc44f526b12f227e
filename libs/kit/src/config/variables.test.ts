import { describe, expect, it } from "vitest";
import { CONFIG_KEYS, loadConfig, unknownVariables } from "./index.ts";

const names = (env: Record<string, string>): unknown => unknownVariables(env).map(({ name, nearest }) => [name, nearest]);

describe("variables", () => {
  it("that mean nothing are found, with the name that may have been meant", () => {
    expect(names({ FIRSTFIX_BOGUS: "1", FIRSTFIX_REVISON: "a", FIRSTFIX_DTA: "/x", PATH: "/bin", FIRSTFIXED: "1" })).toEqual([["FIRSTFIX_BOGUS", null], ["FIRSTFIX_DTA", "FIRSTFIX_DATA"], ["FIRSTFIX_REVISON", "FIRSTFIX_REVISION"]]);
  });

  it("of the SDK, of git's credentials, of Kubernetes and of every key are known", () => {
    const env = Object.fromEntries(["FIRSTFIX_CAPTURE_LOCALS", "FIRSTFIX_ROLE", "FIRSTFIX_GIT_TOKEN_GIT_EXAMPLE_COM", "FIRSTFIX_SERVICE_HOST", "FIRSTFIX_SERVICE_PORT_OTLP", "FIRSTFIX_PORT_4318_TCP_ADDR", "FIRSTFIX_PORT", ...CONFIG_KEYS.map(({ variable }) => variable)].map((name) => [name, ""]));
    expect(names(env)).toEqual([]);
  });

  it("that Kubernetes sets beside services called firstfix are nobody's keys", () => {
    const links = { FIRSTFIX_CONSOLE_PORT: "tcp://10.0.0.1:4300", FIRSTFIX_CONSOLE_SERVICE_HOST: "10.0.0.1", FIRSTFIX_CONSOLE_PORT_4300_TCP: "tcp://10.0.0.1:4300", FIRSTFIX_CONSOLE_SERVICE_PORT_CONSOLE: "4300" };
    expect(loadConfig(undefined, links).console.port).toBe(4300);
    expect(loadConfig(undefined, { ...links, FIRSTFIX_CONSOLE_PORT: "80" }).console.port).toBe(80);
  });

  it("of keys of several words are told with the key", () => {
    expect(CONFIG_KEYS.find(({ key }) => key === "ingest.bodyBytesMax")?.variable).toBe("FIRSTFIX_INGEST_BODY_BYTES_MAX");
    expect(loadConfig(undefined, { FIRSTFIX_INGEST_BODY_BYTES_MAX: "2048" }).ingest.bodyBytesMax).toBe(2048);
  });

  it("that can only be a key are refused, with the nearest", () => {
    expect(() => loadConfig(undefined, { FIRSTFIX_INGEST_BODYBYTESMAX: "1" })).toThrow(expect.objectContaining({ code: "config.invalid", hint: expect.stringContaining("FIRSTFIX_INGEST_BODY_BYTES_MAX") as string }));
  });
});
