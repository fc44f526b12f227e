import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { messageOf, type Config } from "@firstfix/kit";
import { says, type Finding } from "./finding.ts";

const run = promisify(execFile);
const say = says("repositories");
const COMMAND_MS = 10_000;

export async function checkRepositories(config: Config): Promise<Finding[]> {
  if (config.repositories.length === 0) return [say.ok("no clone is named in firstfix.yaml; `firstfix repo list` shows the mirrors, and repositories that nobody added")];
  return Promise.all(config.repositories.map(({ url, path }) => repository(url, path)));
}

async function repository(url: string, path: string): Promise<Finding> {
  try {
    const { stdout } = await run("git", ["-C", path, "rev-parse", "--is-shallow-repository"], { timeout: COMMAND_MS });
    return stdout.trim() === "true" ? say.warning(`repository ${url} at ${path} is shallow`, `git -C ${path} fetch --unshallow`) : say.ok(`repository ${url} at ${path}`);
  } catch (error) {
    return say.problem(`repository ${url} cannot be read at ${path}: ${messageOf(error).split("\n").find((line) => line.startsWith("fatal:")) ?? messageOf(error)}`, "Set repositories[].path to a full local clone.");
  }
}
