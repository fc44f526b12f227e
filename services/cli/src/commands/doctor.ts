import { FirstfixError, loadConfig, messageOf, unknownVariables, type Config } from "@firstfix/kit";
import { checkRoles, parseRoles } from "../../../roles.ts";
import { checkBroker } from "../doctor/broker.ts";
import { says, type Finding } from "../doctor/finding.ts";
import { checkKeys } from "../doctor/keys.ts";
import { checkMachine } from "../doctor/machine.ts";
import { checkRepositories } from "../doctor/repositories.ts";
import { checkStore } from "../doctor/store.ts";
import { configFile } from "../paths.ts";
import { jsonText, visible } from "../terminal.ts";

const MARKS = { ok: "ok     ", warning: "warning", problem: "PROBLEM" };

/**
 * Prints one line per check, a hint under each that failed, and exits 1 when something would keep Firstfix from running.
 * Checks what the named roles need, with the addresses and names that they would use. Changes nothing.
 */
export async function doctor(options: { readonly config?: string; readonly role?: readonly string[]; readonly json?: boolean }): Promise<void> {
  let roles: ReturnType<typeof parseRoles>;
  let config: Config;
  try {
    roles = parseRoles(options.role ?? [], process.env["FIRSTFIX_ROLE"]);
    config = loadConfig(configFile(options.config), process.env);
  } catch (error) {
    if (options.json !== true || !(error instanceof FirstfixError)) throw error;
    // Whoever reads JSON gets JSON, also about what kept the checks from being made.
    console.log(jsonText({ healthy: false, findings: [says("configuration").problem(error.message, error.hint ?? "firstfix config")] }));
    process.exitCode = 2;
    return;
  }
  const usesBus = roles.includes("ingest") || roles.includes("writer");
  const usesStore = roles.some((role) => role !== "ingest");
  const findings = (
    await Promise.all([
      Promise.resolve(apart(config, roles)),
      Promise.resolve(variables()),
      ...checkMachine(config, roles),
      ...(roles.includes("ingest") ? [Promise.resolve(checkKeys(config))] : []),
      ...(usesBus ? [checkBroker(config)] : []),
      ...(usesStore ? [checkStore(config)] : []),
      ...(roles.includes("correlator") || roles.includes("fixer") ? [checkRepositories(config)] : []),
    ])
  ).flat();
  if (options.json === true) console.log(jsonText({ healthy: findings.every((one) => one.state !== "problem"), findings }));
  else for (const one of findings) console.log(`${MARKS[one.state]}  ${visible(one.what)}${one.hint === undefined ? "" : `\n         hint: ${visible(one.hint)}`}`);
  if (findings.some((one) => one.state === "problem")) process.exitCode = 1;
}

function variables(): Finding[] {
  const say = says("configuration");
  return unknownVariables(process.env).map(({ name, nearest }) => say.warning(`${name} is no variable of Firstfix and does nothing`, nearest === null ? "firstfix config lists them." : `Did you mean ${nearest}?`));
}

function apart(config: Config, roles: Parameters<typeof checkRoles>[1]): Finding[] {
  const say = says("configuration");
  try {
    checkRoles(config, roles);
    return [say.ok(`roles in one process: ${roles.join(", ")}`)];
  } catch (error) {
    return [say.problem(messageOf(error), error instanceof Error && "hint" in error && typeof error.hint === "string" ? error.hint : "firstfix up --help")];
  }
}
