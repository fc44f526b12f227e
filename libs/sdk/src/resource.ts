import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { readCheckout, stripCredentials } from "./git.ts";

const PARENTS_MAX = 32;

/**
 * The resource attributes that the SDK itself knows. OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES are laid over them
 * by OpenTelemetry, so whatever those say wins.
 */
export function resourceAttributes(env: NodeJS.ProcessEnv, folder: string): Record<string, string> {
  const given = env["OTEL_RESOURCE_ATTRIBUTES"] ?? "";
  const checkout = env["FIRSTFIX_REVISION"] && env["FIRSTFIX_REPOSITORY"] ? { revision: "", repository: "" } : readCheckout(folder);
  const attributes: Record<string, string> = {
    "service.name": env["OTEL_SERVICE_NAME"] ?? packageName(folder) ?? "unknown_service:node",
    "vcs.ref.head.revision": env["FIRSTFIX_REVISION"] || checkout.revision,
    "vcs.repository.url.full": stripCredentials(env["FIRSTFIX_REPOSITORY"] || checkout.repository),
    // The older name, where somebody set it, must not be overruled by a default under the newer one.
    "deployment.environment.name": /(?:^|,)\s*deployment\.environment=([^,]*)/.exec(given)?.[1]?.trim()
      || env["FIRSTFIX_ENVIRONMENT"] || env["NODE_ENV"] || "development",
  };
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== ""));
}

/** The name in the nearest package.json at or above the folder. */
function packageName(start: string): string | null {
  let folder = start;
  for (let step = 0; step < PARENTS_MAX; step += 1) {
    const name = nameIn(join(folder, "package.json"));
    if (name !== null) return name;
    const parent = dirname(folder);
    if (parent === folder) return null;
    folder = parent;
  }
  return null;
}

function nameIn(path: string): string | null {
  try {
    const content: unknown = JSON.parse(readFileSync(path, "utf8"));
    const name = typeof content === "object" && content !== null && "name" in content ? content.name : null;
    return typeof name === "string" && name !== "" ? name : null;
  } catch {
    return null;
  }
}
