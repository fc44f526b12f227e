import { afterAll, beforeAll, expect, it } from "vitest";
import { startInstance, type Instance } from "../../harness/instance.ts";
import { describeWith } from "../../harness/requires.ts";
import type { Sent } from "./sent.ts";
import { expectedRows, ofService, stopAndRead, type Row, type Stored } from "./stored.ts";

/** How a client is told to send. */
export interface Way {
  readonly service: string;
  readonly protocol: "http" | "http/json" | "grpc";
  readonly compression: "none" | "gzip";
}

/** Sends to `endpoint`: the base URL of OTLP/HTTP, or host:port of gRPC. Resolves when its SDK says that all is sent. */
export type Client = (way: Way, endpoint: string) => Promise<Sent>;

/**
 * A suite for one SDK: over every protocol, plain and compressed, each as a service of its own, it sends to a running
 * Firstfix; then Firstfix is stopped, and its store must hold exactly what was sent.
 */
export function describeClient(language: string, need: Parameters<typeof describeWith>[0], protocols: readonly Way["protocol"][], prepare: () => Promise<Client>): void {
  const ways = protocols.flatMap((protocol) => (["none", "gzip"] as const).map((compression) => ({ service: `${language}-${protocol}-${compression}`, protocol, compression })));
  describeWith(need, `the official SDK for ${language}`, () => {
    const sent = new Map<string, Sent>();
    let instance: Instance | undefined;
    let stored: Stored;

    beforeAll(async () => {
      const client = await prepare();
      instance = await startInstance();
      for (const way of ways) sent.set(way.service, await client(way, way.protocol === "grpc" ? instance.grpcAddress : instance.ingestUrl));
      stored = await stopAndRead(instance);
    }, BUILD_AND_SEND_MS);
    afterAll(() => instance?.remove());

    it.each(ways)("sends over $protocol ($compression), and every value is stored as it was", ({ service }) => {
      const its = sent.get(service);
      expect(its).toBeDefined();
      if (its !== undefined) expectStored(stored, service, its);
    });

    it("leaves nothing aside", () => expect(stored.deadLetters).toEqual([]));
  });
}

const BUILD_AND_SEND_MS = 600_000;
/** The least that a client must have sent for its test to mean something. */
const SPANS_MIN = 300;
const LOGS_MIN = 4;
const EXCEPTIONS_MIN = 2;

/** Holds every value sent against what the store holds: nothing lost, nothing twice, nothing changed. */
export function expectStored(stored: Stored, service: string, sent: Sent): void {
  const expected = expectedRows(sent);
  const its = ofService(stored, service);
  expect(expected.spans.length).toBeGreaterThanOrEqual(SPANS_MIN);
  expect(expected.logs.length).toBeGreaterThanOrEqual(LOGS_MIN);
  expect(expected.exceptions.length).toBeGreaterThanOrEqual(EXCEPTIONS_MIN);
  expectRows(its.spans, expected.spans);
  expectRows(its.logs, expected.logs);
  expectRows(its.exceptions, expected.exceptions);
}

/** Row by row, so that a failure shows one row and not thousands of lines. */
export function expectRows(rows: readonly Row[], expected: readonly Row[]): void {
  const id = (row: Row): string => `${String(row["trace_hex"])} ${String(row["span_hex"])}`;
  expect(rows.map(id)).toEqual(expected.map(id));
  for (const [index, row] of expected.entries()) expect(rows[index]).toEqual(row);
}
