import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { cached } from "../../harness/cache.ts";
import { GO } from "../../harness/collector.ts";
import { command } from "../../harness/command.ts";
import { startInstance, type Instance } from "../../harness/instance.ts";
import { describeWith } from "../../harness/requires.ts";
import { ofService, stopAndRead, type Row, type Stored } from "./stored.ts";

const MODULE = "github.com/open-telemetry/opentelemetry-collector-contrib/cmd/telemetrygen@v0.161.0";
const [WORKERS, TRACES, CHILDREN, LOGS] = [2, 500, 3, 2000] as const;
/** Spans a second and worker: faster than its exporter sends, telemetrygen drops spans itself and says nothing of it. */
const RATE = "1000";
const PROTOCOLS = ["http", "grpc"] as const;

describeWith(GO, "telemetrygen", () => {
  let instance: Instance | undefined;
  let stored: Stored;

  beforeAll(async () => {
    const folder = await cached("clients/telemetrygen", [MODULE], (made) => command("nice", ["-n", "10", "go", "install", "-trimpath", "-ldflags=-s -w", MODULE], { env: { GOBIN: made, CGO_ENABLED: "0" } }).then(() => undefined));
    instance = await startInstance();
    for (const protocol of PROTOCOLS) {
      const to = protocol === "grpc" ? ["--otlp-endpoint", instance.grpcAddress] : ["--otlp-http", "--otlp-endpoint", new URL(instance.ingestUrl).host];
      const common = [...to, "--otlp-insecure", "--workers", String(WORKERS), "--service", `telemetrygen-${protocol}`, "--telemetry-attributes", "answer=42", "--telemetry-attributes", "tags=[\"a\",\"b\"]"];
      await command(join(folder, "telemetrygen"), ["traces", ...common, "--rate", RATE, "--batch-size", "1000", "--traces", String(TRACES), "--child-spans", String(CHILDREN), "--status-code", "Error"], { timeoutMs: 120_000 });
      await command(join(folder, "telemetrygen"), ["logs", ...common, "--rate", "0", "--logs", String(LOGS), "--body", "came through", "--severity-number", "17", "--severity-text", "Error"], { timeoutMs: 120_000 });
    }
    stored = await stopAndRead(instance);
  }, 600_000);
  afterAll(() => instance?.remove());

  it.each(PROTOCOLS)("sends thousands of spans over %s, and exactly these are stored", (protocol) => {
    const { spans } = ofService(stored, `telemetrygen-${protocol}`);
    expect(spans).toHaveLength(WORKERS * TRACES * (1 + CHILDREN));
    expect(new Set(spans.map((row) => `${text(row, "trace_hex")} ${text(row, "span_hex")}`)).size).toBe(spans.length);
    const children = Map.groupBy(spans, (row) => `${text(row, "trace_hex")} ${text(row, "parent_hex")}`);
    const roots = spans.filter((row) => row["parent_hex"] === "");
    expect(new Set(roots.map((row) => row["trace_hex"])).size).toBe(WORKERS * TRACES);
    expect(roots.filter((row) => children.get(`${text(row, "trace_hex")} ${text(row, "span_hex")}`)?.length !== CHILDREN)).toEqual([]);
    for (const row of spans) expect(row).toMatchObject({ status: "error", attr_int: { answer: "42" }, attr_json: { tags: ["a", "b"] } });
  });

  it.each(PROTOCOLS)("sends thousands of log records over %s, and exactly these are stored", (protocol) => {
    const { logs } = ofService(stored, `telemetrygen-${protocol}`);
    expect(logs).toHaveLength(WORKERS * LOGS);
    for (const row of logs) expect(row).toMatchObject({ body: "came through", severity: "17", severity_text: "Error", attr_int: { answer: "42" } });
  });

  it("leaves nothing aside", () => expect(stored.deadLetters).toEqual([]));
});

function text(row: Row, column: string): string {
  return row[column] as string;
}
