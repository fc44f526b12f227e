import { parseConfig } from "@firstfix/kit";
import { describe, expect, it } from "vitest";
import { ROLES, checkRoles, parseRoles, type Role } from "./roles.ts";

const kafka = { kind: "kafka", brokers: ["127.0.0.1:9092"] };
const server = { url: "http://127.0.0.1:8123" };
const check = (roles: readonly Role[], raw: object) => () => checkRoles(parseConfig(raw, "/"), roles);

describe("roles", () => {
  it("are all when none is named", () => {
    expect(parseRoles([], undefined)).toEqual(ROLES);
    expect(parseRoles([], "")).toEqual(ROLES);
  });

  it("come from repeated flags and lists, each once and in the order of the data; flags win over the variable", () => {
    expect(parseRoles(["writer", "ingest, writer"], "console")).toEqual(["ingest", "writer"]);
    expect(parseRoles([], "console")).toEqual(["console"]);
  });

  it("refuse a name that is no role, and a flag that names none", () => {
    expect(() => parseRoles(["reader"], undefined)).toThrow(/no role "reader"/);
    expect(() => parseRoles([], "Ingest")).toThrow(/no role/);
    expect(() => parseRoles([","], undefined)).toThrow(/names no role/);
  });

  it.each<[string, readonly Role[], object]>([
    ["all on the embedded store and the bus in memory", ROLES, {}],
    ["ingest alone, on Kafka, with no store at all", ["ingest"], { bus: kafka }],
    ["all but ingest on Kafka and the embedded store", ["writer", "correlator", "fixer", "console"], { bus: kafka }],
    ["each alone on Kafka and a server", ["correlator"], { bus: kafka, store: server }],
    ["what needs no bus, on a server", ["correlator", "console"], { store: server }],
    ["ingest and writer together in memory, on a server", ["ingest", "writer"], { store: server }],
  ])("allow %s", (_what, roles, raw) => {
    expect(check(roles, raw)).not.toThrow();
  });

  it.each<[string, readonly Role[], object, RegExp]>([
    ["ingest apart without Kafka", ["ingest"], { store: server }, /ingest and writer must be in one process/],
    ["writer apart without Kafka", ["writer", "correlator"], { store: server }, /ingest and writer must be in one process/],
    ["two processes on the embedded store", ["writer", "correlator"], { bus: kafka }, /embedded store belongs to one process/],
    ["ingest and writer on the embedded store without the rest", ["ingest", "writer"], {}, /embedded store belongs to one process/],
  ])("refuse %s", (_what, roles, raw, message) => {
    expect(check(roles, raw)).toThrow(message);
  });
});
