import { readFileSync } from "node:fs";
import { join } from "node:path";
import { cached } from "../../harness/cache.ts";
import { command } from "../../harness/command.ts";
import { runs } from "../../harness/requires.ts";
import { describeClient, type Client } from "./client.ts";
import { parseSent } from "./sent.ts";

const SOURCE = join(import.meta.dirname, "python");
const PYTHON = { name: "Python 3 with venv", there: runs("python3", "-c", "import venv, ensurepip"), install: "apt-get install python3 python3-venv" };

describeClient("Python", PYTHON, ["http", "grpc"], client);

/** The SDK in a virtual environment of its own. */
async function client(): Promise<Client> {
  const requirements = join(SOURCE, "requirements.txt");
  const folder = await cached("clients/python", [readFileSync(requirements, "utf8")], async (made) => {
    await command("python3", ["-m", "venv", made]);
    await command(join(made, "bin/python"), ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-virtualenv", "-r", requirements]);
  });
  return async ({ service, protocol, compression }, endpoint) => parseSent(await command(join(folder, "bin/python"), [join(SOURCE, "client.py"), service, protocol, endpoint, compression], { timeoutMs: 60_000 }));
}
