import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Config } from "@firstfix/kit";

/** Root of the project: where package.json and node_modules are. */
export const PROJECT_ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** The built console, made by `npm run build:web`. */
export const WEB_ROOT = `${PROJECT_ROOT}services/console/web/dist`;

/** The configuration file to read: the one named, else firstfix.yaml of this folder where there is one. */
export function configFile(named: string | undefined): string | undefined {
  return named ?? (existsSync("firstfix.yaml") ? "firstfix.yaml" : undefined);
}

/** Where a running Firstfix of this configuration answers this machine, also where it listens everywhere. */
export function adminBase({ admin: { host, port } }: Config): string {
  const name = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "[::1]" : host.includes(":") ? `[${host}]` : host;
  return `http://${name}:${port}`;
}
