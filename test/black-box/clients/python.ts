import { readFileSync } from "node:fs";
import { join } from "node:path";
import { cached } from "../../harness/cache.ts";
import { command } from "../../harness/command.ts";
import { runs } from "../../harness/requires.ts";

export const PYTHON = { name: "Python 3 with venv", there: runs("python3", "-c", "import venv, ensurepip"), install: "apt-get install python3 python3-venv" };

/** A Python in a virtual environment of its own, with the official SDK; its path. */
export async function pythonWithSdk(): Promise<string> {
  const requirements = join(import.meta.dirname, "python/requirements.txt");
  const folder = await cached("clients/python", [readFileSync(requirements, "utf8")], async (made) => {
    await command("python3", ["-m", "venv", made]);
    await command(join(made, "bin/python"), ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-virtualenv", "-r", requirements]);
  });
  return join(folder, "bin/python");
}
