import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { runs } from "./requires.ts";

/** The newest Kafka whose broker runs on Java 17. */
const KAFKA_VERSION = "4.2.0";
/** Without a binding for slf4j Kafka says nothing at all, not even why it does not start. */
const SLF4J_VERSION = "1.7.36";
const LOCK_WAIT_MS = 5 * 60_000;

const CACHE = join(import.meta.dirname, "../../.firstfix/cache/kafka", KAFKA_VERSION);
const JARS = join(CACHE, "jars");

/** For describeWith: what tests with a broker need of the system. */
export const KAFKA = { name: "java or mvn", there: runs("java", "-version") && (existsSync(JARS) || runs("mvn", "-v")), install: "apt-get install openjdk-17-jdk-headless maven" };

/** The Java classpath of a broker. The first call on a machine downloads about 45 MB with Maven. */
export async function kafkaClasspath(): Promise<string> {
  if (!existsSync(JARS)) await locked(() => existsSync(JARS) || download());
  return join(JARS, "*");
}

/**
 * A folder formatted for a node of a cluster, made once and copied from then on: formatting costs a start of Java.
 * `name` says which; `config` is the node's configuration but for what changes from start to start.
 */
export async function formatted(name: string, config: string, clusterId: string): Promise<string> {
  const folder = join(CACHE, "formatted", name);
  if (!existsSync(folder)) await locked(() => existsSync(folder) || format(folder, config, clusterId));
  return folder;
}

function format(folder: string, config: string, clusterId: string): void {
  const fresh = `${folder}.new`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  const file = `${folder}.properties`;
  writeFileSync(file, `${config}\nlog.dirs=${fresh}\n`);
  command("java", ["-Xmx256m", "-XX:TieredStopAtLevel=1", "-cp", join(JARS, "*"), "kafka.tools.StorageTool", "format", "-t", clusterId, "-c", file], CACHE);
  renameSync(fresh, folder);
}

function download(): void {
  const work = join(CACHE, "download");
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  const dependency = (group: string, artifact: string, version: string): string =>
    `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`;
  writeFileSync(join(work, "pom.xml"), [
    `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>`,
    `<groupId>firstfix</groupId><artifactId>broker</artifactId><version>1</version><dependencies>`,
    dependency("org.apache.kafka", "kafka_2.13", KAFKA_VERSION),
    dependency("org.slf4j", "slf4j-simple", SLF4J_VERSION),
    `</dependencies></project>`,
  ].join("\n"));
  command("mvn", ["-B", "-q", "dependency:copy-dependencies", "-DincludeScope=runtime", "-DoutputDirectory=jars"], work);
  renameSync(join(work, "jars"), JARS);
  rmSync(work, { recursive: true });
}

function command(program: string, args: readonly string[], cwd: string): void {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, encoding: "utf8", timeout: LOCK_WAIT_MS });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")} failed: ${error?.message ?? `${stdout}${stderr}`.slice(-4000)}`);
}

/** One process at a time; the lock of a process that is gone is taken over. */
async function locked(task: () => unknown): Promise<void> {
  mkdirSync(join(CACHE, "formatted"), { recursive: true });
  const lock = join(CACHE, "lock");
  const deadline = Date.now() + LOCK_WAIT_MS;
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: "wx" });
      break;
    } catch {
      if (Date.now() > deadline) throw new Error(`Another process holds ${lock}.`);
      if (!holderLives(lock)) rmSync(lock, { force: true });
      await sleep(100);
    }
  }
  try {
    task();
  } finally {
    rmSync(lock, { force: true });
  }
}

function holderLives(lock: string): boolean {
  try {
    const holder = Number(readFileSync(lock, "utf8"));
    // Just made, and not yet written.
    if (holder === 0) return true;
    process.kill(holder, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
