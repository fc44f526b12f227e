import { CONFIG_KEYS } from "@firstfix/kit";
import { jsonText } from "../terminal.ts";

/** Prints the configuration schema: one key a line, with default, allowed values and its sentence. */
export function printConfig(options: { readonly json?: boolean }): void {
  if (options.json === true) {
    console.log(jsonText(CONFIG_KEYS));
    return;
  }
  const width = Math.max(...CONFIG_KEYS.map((one) => one.key.length));
  for (const { key, variable, default: value, allowed, sentence } of CONFIG_KEYS) {
    console.log(`${key.padEnd(width)}  ${sentence}\n${" ".repeat(width)}  default ${JSON.stringify(value)}${allowed === "" ? "" : `; ${allowed}`}; ${variable}`);
  }
  console.log("\nA key stands in firstfix.yaml, or in the environment variable that is named with it; the variable wins.");
}
