import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { cached } from "../../harness/cache.ts";
import { command } from "../../harness/command.ts";
import { runs } from "../../harness/requires.ts";
import { describeClient, type Client } from "./client.ts";
import { parseSent } from "./sent.ts";

const SOURCE = join(import.meta.dirname, "java");
const JAVA = { name: "a JDK with Maven", there: runs("javac", "-version") && runs("mvn", "-version"), install: "apt-get install default-jdk-headless maven" };

describeClient("Java", JAVA, ["http", "grpc"], client);

async function client(): Promise<Client> {
  const folder = await cached("clients/java", ["pom.xml", "Main.java"].map((file) => readFileSync(join(SOURCE, file), "utf8")), async (made) => {
    copyFileSync(join(SOURCE, "pom.xml"), join(made, "pom.xml"));
    await command("mvn", ["-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory=lib"], { cwd: made });
    await command("javac", ["-Xlint:all", "-Werror", "-encoding", "UTF-8", "-cp", "lib/*", "-d", ".", join(SOURCE, "Main.java")], { cwd: made });
  });
  // One core and a small heap: the client is not what is tested.
  const options = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m", "-cp", `${folder}:${join(folder, "lib")}/*`];
  return async ({ service, protocol, compression }, endpoint) => parseSent(await command("java", [...options, "Main", service, protocol, protocol === "grpc" ? `http://${endpoint}` : endpoint, compression], { timeoutMs: 60_000 }));
}
