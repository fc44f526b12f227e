import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConsoleClient } from "./console-client.ts";
import { freePort } from "./ports.ts";
import { Product } from "./product.ts";

/** One Firstfix in a temporary folder, on free ports, started as a user would start it. */
export interface Instance {
  readonly folder: string;
  readonly configFile: string;
  readonly product: Product;
  readonly client: ConsoleClient;
  readonly ingestUrl: string;
  readonly ingestPort: number;
  /** host:port of OTLP/gRPC. */
  readonly grpcAddress: string;
  readonly dataFolder: string;
  remove(): Promise<void>;
}

/** Sections of `config` replace the defaults; keys of its `ingest` are added to the ports that were picked. */
export async function startInstance(config: Readonly<Record<string, unknown>> & { readonly ingest?: object } = {}): Promise<Instance> {
  const folder = mkdtempSync(join(tmpdir(), "firstfix-test-"));
  const ingestPort = await freePort();
  const grpcPort = await freePort();
  const consolePort = await freePort();
  const dataFolder = join(folder, "data");
  mkdirSync(dataFolder);
  const configFile = join(folder, "firstfix.yaml");
  writeFileSync(configFile, JSON.stringify({ data: dataFolder, console: { port: consolePort }, admin: { port: 0 }, ...config, ingest: { port: ingestPort, grpcPort, ...config.ingest } }));
  const consoleUrl = `http://127.0.0.1:${consolePort}`;
  const product = new Product({ config: configFile, consoleUrl, logFile: join(folder, "firstfix.log") });
  await product.start();
  return {
    folder,
    configFile,
    product,
    client: new ConsoleClient(consoleUrl),
    ingestUrl: `http://127.0.0.1:${ingestPort}`,
    ingestPort,
    grpcAddress: `127.0.0.1:${grpcPort}`,
    dataFolder,
    remove: async () => {
      await product.stop();
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** Calls until the answer is not null, and throws with `what` when that takes too long. */
export async function eventually<T>(what: string, timeoutMs: number, attempt: () => Promise<T | null>): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await attempt();
    if (answer !== null) return answer;
    if (Date.now() > deadline) throw new Error(`not within ${timeoutMs / 1000} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}
