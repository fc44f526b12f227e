import { FirstfixError, parseConfig } from "@firstfix/kit";
import { describe, expect, it } from "vitest";
import { busMayCome, startError, storeMayCome } from "./parts.ts";

const away = (code: "bus.unavailable" | "store.unavailable", cause?: unknown) => new FirstfixError(code, "away", { retryable: true, cause });

/** As kafkajs throws it. */
function refused(): Error {
  const error = new Error("SASL PLAIN authentication failed: Authentication failed: Invalid username or password");
  error.name = "KafkaJSSASLAuthenticationError";
  return error;
}

describe("what is waited for", () => {
  it("is a server that is away, and nothing of the embedded store", () => {
    const server = storeMayCome(parseConfig({ store: { url: "http://127.0.0.1:1/x" } }, "/"));
    expect(server(away("store.unavailable"))).toBe(true);
    expect(server(new FirstfixError("config.invalid", "wrong password"))).toBe(false);
    expect(server(new FirstfixError("store.unavailable", "a migration was changed"))).toBe(false);
    expect(storeMayCome(parseConfig({}, "/"))(away("store.unavailable"))).toBe(false);
  });

  it("is brokers that are away, but not those that refuse us", () => {
    expect(busMayCome(away("bus.unavailable", new Error("connect ECONNREFUSED")))).toBe(true);
    expect(busMayCome(away("bus.unavailable", refused()))).toBe(false);
  });
});

describe("the error of a start", () => {
  const config = parseConfig({ bus: { kind: "kafka", brokers: ["kafka:9092"], saslMechanism: "plain", saslUsername: "shop", saslPassword: "hunter2hunter2" } }, "/");

  it("names who is refused by whom, and no password", () => {
    const error = startError(config, away("bus.unavailable", refused()));
    expect(error).toMatchObject({ code: "config.invalid", message: expect.stringMatching(/kafka:9092 refuse shop: SASL PLAIN/) as string });
    expect((error as Error).message).not.toContain("hunter2");
  });

  it("is left as it is otherwise", () => {
    const error = new FirstfixError("port.in_use", "port 1 is in use");
    expect(startError(config, error)).toBe(error);
  });
});
