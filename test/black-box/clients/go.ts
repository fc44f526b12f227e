import { join } from "node:path";
import { goProgram } from "../../harness/collector.ts";
import { command } from "../../harness/command.ts";
import type { Client } from "./client.ts";
import { parseSent } from "./sent.ts";

/** The official Go SDK, as a program of its own. */
export async function goClient(): Promise<Client> {
  const folder = await goProgram("clients/go", join(import.meta.dirname, "go"), ["main.go", "go.mod", "go.sum"]);
  return async ({ service, protocol, compression }, endpoint) => parseSent(await command(join(folder, "program"), [service, protocol, endpoint, compression], { timeoutMs: 60_000 }));
}
