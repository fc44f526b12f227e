import { spawn, type ChildProcess } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, openSync, closeSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { formatted, kafkaClasspath } from "./kafka-jars.ts";
import { freePort } from "./ports.ts";

export { KAFKA } from "./kafka-jars.ts";

/** A real Kafka in KRaft mode on loopback, each node a process that is broker and controller. */
export interface Kafka {
  /** host:port of each node. */
  readonly brokers: string[];
  readonly nodes: readonly KafkaNode[];
  /** Ends all nodes at once; the folder goes too, when it was made here. */
  stop(): Promise<void>;
}

export interface KafkaNode {
  readonly port: number;
  /** The process at present; null while it is stopped. */
  readonly pid: number | null;
  /** kill -9. */
  kill(): Promise<void>;
  /** SIGTERM: leadership is handed on, files are closed. */
  stop(): Promise<void>;
  /** Starts it again on the same data and ports. */
  start(): Promise<void>;
}

export interface KafkaOptions {
  readonly nodes?: 1 | 3;
  /** Where data lies; a temporary folder unless given. */
  readonly folder?: string;
  /** More lines of server.properties, such as `auto.create.topics.enable=true`. */
  readonly properties?: Readonly<Record<string, string>>;
}

const CLUSTER_ID = "Zmlyc3RmaXgtdGVzdC0wMQ";
const START_MS_MAX = 60_000;
const STOP_MS_MAX = 20_000;
/** For 20 MiB messages and their copies; a broker for tests needs no more. */
const HEAP = "-Xmx384m";

export async function startKafka({ nodes: count = 1, folder, properties = {} }: KafkaOptions = {}): Promise<Kafka> {
  const classpath = await kafkaClasspath();
  const root = folder ?? mkdtempSync(join(tmpdir(), "firstfix-kafka-"));
  const places = await ports(count);
  const voters = places.map(({ controller }, index) => `${index + 1}@127.0.0.1:${controller}`).join(",");
  const nodes = await Promise.all(places.map(async (place, index) => {
    const data = join(root, `node-${index + 1}`);
    const config = serverProperties(index + 1, count, place, voters);
    if (!existsSync(data)) cpSync(await formatted(`${count}-${index + 1}`, config, CLUSTER_ID), data, { recursive: true });
    const file = join(root, `node-${index + 1}.properties`);
    const more = Object.entries(properties).map(([name, value]) => `${name}=${value}\n`);
    writeFileSync(file, `${config}\nlog.dirs=${data}\n${more.join("")}`);
    return new Node({ port: place.broker, classpath, file, log: join(root, `node-${index + 1}.log`), root });
  }));
  const stop = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.kill()));
    if (folder === undefined) rmSync(root, { recursive: true, force: true, maxRetries: 3 });
  };
  try {
    await Promise.all(nodes.map((node) => node.start()));
  } catch (error) {
    await stop();
    throw error;
  }
  return { brokers: places.map(({ broker }) => `127.0.0.1:${broker}`), nodes, stop };
}

interface NodeOptions {
  readonly port: number;
  readonly classpath: string;
  readonly file: string;
  readonly log: string;
  readonly root: string;
}

class Node implements KafkaNode {
  readonly port: number;
  readonly #options: NodeOptions;
  #java: ChildProcess | null = null;
  #watchdog: ChildProcess | null = null;

  constructor(options: NodeOptions) {
    this.port = options.port;
    this.#options = options;
  }

  get pid(): number | null {
    return this.#java?.pid ?? null;
  }

  async start(): Promise<void> {
    if (this.#java !== null) return;
    const { classpath, file, log, root } = this.#options;
    mkdirSync(root, { recursive: true });
    writeFileSync(log, "");
    const out = openSync(log, "a");
    const java = spawn("java", [...JAVA, "-cp", classpath, "kafka.Kafka", file], { cwd: root, stdio: ["ignore", out, out] });
    closeSync(out);
    this.#java = java;
    java.once("exit", () => this.#gone(java));
    java.once("error", () => this.#gone(java));
    // A test that is killed cannot clean up; the end of this pipe then ends the broker.
    this.#watchdog = spawn("sh", ["-c", `cat >/dev/null; kill -9 ${java.pid} 2>/dev/null`], { stdio: ["pipe", "ignore", "ignore"], detached: true });
    this.#watchdog.unref();
    java.unref();
    const deadline = Date.now() + START_MS_MAX;
    while (!readFileSync(log, "utf8").includes("Kafka Server started")) {
      if (this.#java !== java || Date.now() > deadline) {
        await this.kill();
        throw new Error(`Kafka did not start: ${readFileSync(log, "utf8").slice(-4000)}`);
      }
      await sleep(20);
    }
  }

  kill(): Promise<void> {
    return this.#end("SIGKILL");
  }

  stop(): Promise<void> {
    return this.#end("SIGTERM");
  }

  async #end(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    const java = this.#java;
    if (java === null) return;
    java.kill(signal);
    const deadline = Date.now() + STOP_MS_MAX;
    while (this.#java === java) {
      if (Date.now() > deadline) java.kill("SIGKILL");
      await sleep(10);
    }
  }

  #gone(java: ChildProcess): void {
    if (this.#java !== java) return;
    this.#java = null;
    // Before its pid can belong to another process.
    this.#watchdog?.kill("SIGKILL");
    this.#watchdog = null;
  }
}

const JAVA = [
  HEAP,
  "-XX:+UseSerialGC",
  "-XX:TieredStopAtLevel=1",
  "-Xshare:auto",
  "-Djava.net.preferIPv4Stack=true",
  "-Dlog4j2.StatusLogger.level=OFF",
  "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
  "-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info",
];

/** As a production cluster would be set, but for sizes and times: those make a start, an election and a rebalance fast. */
function serverProperties(id: number, count: number, { broker, controller }: Place, voters: string): string {
  const replicas = Math.min(count, 3);
  return Object.entries({
    "node.id": id,
    "process.roles": "broker,controller",
    "controller.quorum.voters": voters,
    listeners: `PLAINTEXT://127.0.0.1:${broker},CONTROLLER://127.0.0.1:${controller}`,
    "advertised.listeners": `PLAINTEXT://127.0.0.1:${broker}`,
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAINTEXT",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "auto.create.topics.enable": false,
    "offsets.topic.num.partitions": 4,
    "offsets.topic.replication.factor": replicas,
    "transaction.state.log.replication.factor": replicas,
    "transaction.state.log.min.isr": 1,
    "share.coordinator.state.topic.replication.factor": replicas,
    "share.coordinator.state.topic.min.isr": 1,
    "group.initial.rebalance.delay.ms": 0,
    "num.network.threads": 2,
    "num.io.threads": 2,
    "background.threads": 2,
    "log.cleaner.dedupe.buffer.size": 4 * 1024 * 1024,
    "log.retention.check.interval.ms": 1000,
    "broker.heartbeat.interval.ms": 500,
    "broker.session.timeout.ms": 3000,
    "controller.quorum.election.timeout.ms": 500,
    "controller.quorum.fetch.timeout.ms": 1000,
  }).map(([name, value]) => `${name}=${value}`).join("\n");
}

interface Place {
  readonly broker: number;
  readonly controller: number;
}

async function ports(count: number): Promise<Place[]> {
  const places: Place[] = [];
  while (places.length < count) places.push({ broker: await freePort(), controller: await freePort() });
  return places;
}
