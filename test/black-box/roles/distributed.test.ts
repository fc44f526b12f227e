import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import kafkajs from "kafkajs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startClickHouseFront, type ClickHouseFront } from "../../harness/clickhouse.ts";
import { eventually } from "../../harness/instance.ts";
import { KAFKA, startKafka, type Kafka } from "../../harness/kafka.ts";
import { describeWith } from "../../harness/requires.ts";
import { Deployment, firstfix, type RoleProcess } from "../../harness/role.ts";

const TOPIC = "otlp_spans";
/** No request of OTLP: its first field says that it is longer than it is. */
const POISON = Buffer.from("0aff7f706f69736f6e", "hex");

interface ListedLetter {
  readonly id: string;
  readonly reason: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

describeWith(KAFKA, "roles apart on Kafka and ClickHouse", () => {
  const deployment = new Deployment();
  let kafka: Kafka;
  let front: ClickHouseFront;
  let ingest: RoleProcess;
  let writer: RoleProcess;
  let console: RoleProcess;
  let config: Readonly<Record<string, unknown>>;

  beforeAll(async () => {
    [kafka, front] = await Promise.all([startKafka(), startClickHouseFront({ folder: join(deployment.folder, "clickhouse") })]);
    config = { bus: { kind: "kafka", brokers: kafka.brokers, partitions: 2 }, store: { url: front.url } };
    // The first that has a store brings the schema up; the others find it.
    writer = await deployment.start(["writer"], config);
    await writer.ready();
    [ingest, console] = await Promise.all([deployment.start(["ingest"], config), deployment.start(["console", "correlator"], config)]);
    await Promise.all([ingest.ready(), console.ready()]);
  });
  afterAll(async () => {
    await deployment.remove();
    await Promise.all([kafka.stop(), front.stop()]);
  });

  const dlq = (...args: string[]) => firstfix(["dlq", ...args, "--config", writer.configFile]);
  const listed = async (...args: string[]): Promise<ListedLetter[]> => JSON.parse((await dlq("list", "--json", ...args)).output) as ListedLetter[];

  it("shows in the console what was sent to ingest", async () => {
    const traceId = randomBytes(16).toString("hex");
    expect(await send(ingest.ingestUrl, traceId)).toBe(200);
    const trace = await eventually("the trace is in the console", 30_000, async () => {
      const answer = await fetch(`${console.consoleUrl}/api/traces/${traceId}`);
      return answer.ok ? ((await answer.json()) as { spans: { name: string }[] }) : null;
    });
    expect(trace.spans.map(({ name }) => name)).toEqual(["GET /apart"]);
  });

  it("builds only what a role needs, and shows its own figures", async () => {
    expect((await ingest.readyz())?.body.parts.map(({ part }) => part).sort()).toEqual(["bus", "ingest"]);
    expect((await writer.readyz())?.body.parts.map(({ part }) => part).sort()).toEqual(["bus", "store", "writer"]);
    const figures = await (await fetch(`${writer.adminUrl}/metrics`)).text();
    expect(figures).toMatch(/firstfix_writer_records_total\{signal="traces"\} [1-9]/);
    expect(figures).toMatch(/firstfix_bus_lag_records\{topic="otlp\.traces",group="firstfix-writer",partition="0"\} 0/);
    // Dead letters are the store's, not the process's.
    expect((await fetch(`${writer.adminUrl}/dlq/list`, { headers: { "x-firstfix-admin": "1" } })).status).toBe(404);
  });

  it("is healthy in the doctor's eyes", async () => {
    const { code, output } = await firstfix(["doctor", "--config", writer.configFile, "--role", "writer"]);
    expect(output).toMatch(/ok {7}broker 127\.0\.0\.1:\d+: Kafka 4\.0 or newer/);
    expect(output).toMatch(/ok {7}ClickHouse \S+ at http:\/\/127\.0\.0\.1/);
    expect(output).toMatch(/ok {7}the clocks of server and machine agree/);
    expect(output).toMatch(/ok {7}group firstfix-writer\.otlp_spans: 1 consumers, 0 records behind/);
    expect(output).toMatch(/warning {2}topic otlp_spans has one replica/);
    expect(code).toBe(0);
  });

  it("sets a poison message aside, goes on, and can show, replay and drop it", async () => {
    await produce(kafka, [POISON]);
    const [letter] = await eventually("the letter is listed", 30_000, async () => {
      const letters = await listed();
      return letters.length > 0 ? letters : null;
    });
    if (letter === undefined) throw new Error("no letter");
    expect(letter).toMatchObject({ partition: 0, offset: expect.any(Number) as number, reason: expect.stringMatching(/\w{5,}/) as string });
    expect((await dlq("list")).output).toContain(letter.id);
    expect((await dlq("list", "--topic", "no.such")).output).toContain("No dead letters.");

    const shown = (await dlq("show", letter.id)).output;
    expect(shown).toContain(POISON.toString("hex"));
    expect(shown).toContain("0 records can be read");
    const file = join(deployment.folder, "letter.bin");
    await dlq("show", letter.id, "--raw", file);
    expect(readFileSync(file)).toEqual(POISON);

    // Its partition has gone on.
    const traceId = randomBytes(16).toString("hex");
    expect(await send(ingest.ingestUrl, traceId)).toBe(200);
    await eventually("what came after it has landed", 30_000, async () => ((await fetch(`${console.consoleUrl}/api/traces/${traceId}`)).ok ? true : null));

    const replayed = await dlq("replay", "--all");
    expect(replayed).toMatchObject({ code: 0, output: expect.stringContaining("1 replayed") as string });
    const [again] = await eventually("it is judged anew, and refused anew", 30_000, async () => {
      const letters = (await listed()).filter(({ id }) => id !== letter.id);
      return letters.length > 0 ? letters : null;
    });
    expect(new Set((await listed("--settled")).map(({ id }) => id))).toEqual(new Set([letter.id, again?.id]));
    expect((await dlq("drop", again?.id ?? "")).output).toContain("1 dropped");
    expect(await listed()).toEqual([]);
    expect(await dlq("replay", "dl_nowhere")).toMatchObject({ code: 1, output: expect.stringContaining("missing") as string });
  });

  it("keeps the dead letters of an embedded store within reach while it runs, and when it does not", async () => {
    const embedded = { bus: { kind: "kafka", brokers: kafka.brokers, partitions: 1, tracesTopic: "embedded_spans", logsTopic: "embedded_logs", deadLetterTopic: "embedded_dead", group: "embedded" }, data: join(deployment.folder, "embedded") };
    const rest = await deployment.start(["writer", "correlator", "fixer", "console"], embedded);
    await rest.ready();
    const door = await deployment.start(["ingest"], embedded);
    await door.ready();
    const traceId = randomBytes(16).toString("hex");
    expect(await send(door.ingestUrl, traceId)).toBe(200);
    await eventually("the trace is in the console", 30_000, async () => ((await fetch(`${rest.consoleUrl}/api/traces/${traceId}`)).ok ? true : null));
    await produce(kafka, [POISON], "embedded_spans");
    const list = async (): Promise<ListedLetter[]> => JSON.parse((await firstfix(["dlq", "list", "--json", "--config", rest.configFile])).output) as ListedLetter[];
    const [first] = await eventually("the letter is listed", 30_000, async () => {
      const letters = await list();
      return letters.length > 0 ? letters : null;
    });
    // Through the process that has the store open.
    expect((await firstfix(["dlq", "show", first?.id ?? "", "--config", rest.configFile])).output).toContain(POISON.toString("hex"));
    expect(await firstfix(["dlq", "replay", first?.id ?? "", "--config", rest.configFile])).toMatchObject({ code: 0, output: expect.stringContaining("1 replayed") as string });
    const [second] = await eventually("it is refused anew", 30_000, async () => {
      const letters = (await list()).filter(({ id }) => id !== first?.id);
      return letters.length > 0 ? letters : null;
    });
    rest.signal("SIGTERM");
    expect((await rest.end).code).toBe(0);
    // In the folder itself, and without a broker: a writer of its own judges it.
    expect(await list()).toEqual([second]);
    const alone = deployment.write("alone.yaml", { data: embedded.data });
    expect(await firstfix(["dlq", "replay", "--all", "--since", "1h", "--config", alone])).toMatchObject({ code: 0, output: expect.stringMatching(/again: \w.*\n1 again/) as string });
    const [third] = await list();
    expect([first?.id, second?.id]).not.toContain(third?.id);
    expect(await firstfix(["dlq", "drop", third?.id ?? "", "--config", alone])).toMatchObject({ code: 0 });
    expect(await list()).toEqual([]);
  });

  it("ends at once, in one line, when the store does not know its password", async () => {
    const guarded = await startClickHouseFront({ folder: join(deployment.folder, "guarded"), user: "firstfix", password: "right-password" });
    const url = guarded.url.replace("right-password", "wrong-password");
    const { code, output } = await firstfix(["up", "--role", "console", "--config", deployment.write("guarded.yaml", { store: { url }, console: { port: 0 }, admin: { port: 0 } })]);
    const doctor = await firstfix(["doctor", "--role", "console", "--config", deployment.write("guarded.yaml", { store: { url }, console: { port: 0 }, admin: { port: 0 } })]);
    await guarded.stop();
    expect(code).toBe(2);
    expect(output).toMatch(/^firstfix: .*127\.0\.0\.1.*\n {2}hint: .*store\.url/);
    expect(doctor.output).toMatch(/PROBLEM {2}.*127\.0\.0\.1.*\n.*hint: .*store\.url/);
    expect(output + doctor.output).not.toContain("wrong-password");
  });

  it("ends at once, in one line, when the brokers do not know it", async () => {
    const stranger = { bus: { kind: "kafka", brokers: kafka.brokers, saslMechanism: "plain", saslUsername: "shop", saslPassword: "wrong-password" }, ingest: { port: 0, grpcPort: 0 }, admin: { port: 0 } };
    const file = deployment.write("stranger.yaml", stranger);
    const { code, output } = await firstfix(["up", "--role", "ingest", "--config", file]);
    expect(code).toBe(2);
    expect(output).toMatch(/^firstfix: the brokers at \S+ refuse shop: .*\n {2}hint: .*bus\.sasl/);
    const doctor = await firstfix(["doctor", "--role", "ingest", "--config", file]);
    expect(doctor).toMatchObject({ code: 1, output: expect.stringMatching(/PROBLEM {2}the brokers at \S+ refuse shop/) as string });
    expect(output + doctor.output).not.toContain("wrong-password");
  });

  it("ends a role cleanly, and at once when it is told a second time", async () => {
    const idle = await deployment.start(["ingest"], config);
    await idle.ready();
    idle.signal("SIGTERM");
    expect((await idle.end).code).toBe(0);
    // A writer amid a batch that the store does not answer would wait for it.
    await front.faults({ hangMs: 60_000 });
    expect(await send(ingest.ingestUrl, randomBytes(16).toString("hex"))).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    writer.signal("SIGTERM");
    expect(await Promise.race([writer.end, new Promise((resolve) => setTimeout(() => resolve("it waits"), 1500))])).toBe("it waits");
    writer.signal("SIGTERM");
    expect((await writer.end).code).toBe(143);
    await front.faults({});
  });
});

async function send(url: string, traceId: string): Promise<number> {
  const nowNs = BigInt(Date.now()) * 1_000_000n;
  const span = { traceId, spanId: traceId.slice(0, 16), name: "GET /apart", kind: 2, startTimeUnixNano: String(nowNs), endTimeUnixNano: String(nowNs + 1_000_000n) };
  const body = { resourceSpans: [{ resource: { attributes: [{ key: "service.name", value: { stringValue: "shop" } }] }, scopeSpans: [{ spans: [span] }] }] };
  return (await fetch(`${url}/v1/traces`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) })).status;
}

/** As somebody else's program would fill the topic. */
async function produce({ brokers }: Kafka, values: readonly Buffer[], topic = TOPIC): Promise<void> {
  const producer = new kafkajs.Kafka({ brokers, logLevel: kafkajs.logLevel.NOTHING }).producer();
  await producer.connect();
  await producer.send({ topic, messages: values.map((value) => ({ value, partition: 0 })) });
  await producer.disconnect();
}
