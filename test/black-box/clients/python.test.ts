import { join } from "node:path";
import { command } from "../../harness/command.ts";
import { describeClient, type Client } from "./client.ts";
import { PYTHON, pythonWithSdk } from "./python.ts";
import { parseSent } from "./sent.ts";

describeClient("Python", PYTHON, ["http", "grpc"], client);

async function client(): Promise<Client> {
  const python = await pythonWithSdk();
  return async ({ service, protocol, compression }, endpoint) => parseSent(await command(python, [join(import.meta.dirname, "python/client.py"), service, protocol, endpoint, compression], { timeoutMs: 60_000 }));
}
