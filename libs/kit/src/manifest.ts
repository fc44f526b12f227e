import { parse as parseYaml } from "yaml";
import { z } from "zod";
import { FirstfixError, messageOf } from "./errors.ts";

/** Name of the file at the root of a repository that tells how its services start and are tested. */
export const MANIFEST_FILE = ".firstfix.yaml";

const service = z.strictObject({
  start: z.string().min(1).describe("Shell command that starts the service; it listens on $PORT."),
  ready: z.string().startsWith("/").default("/").describe("Path that answers with any status below 500 once the service is ready."),
  test: z.string().min(1).optional().describe("Shell command that runs the tests; exit code 0 means passed."),
  specs: z.string().default(".kiro/specs").describe("Folder of the spec documents."),
  inApp: z.array(z.string()).default([]).describe("Path prefixes that are the application's own code; empty means all but node_modules and the like."),
  paths: z.array(z.string().min(1)).default([]).describe("Path prefixes that are this service's own in a repository of several services; only commits that change them can be guilty. Empty means the whole repository."),
  frames: z.array(z.strictObject({ from: z.string().min(1), to: z.string() })).default([]).describe("How paths in stacks become paths in the repository: the first `from` that begins a path is replaced by `to`. Without it the longest common ending decides."),
});

const manifestSchema = z.strictObject({ services: z.record(z.string().min(1), service) });

export type Manifest = z.infer<typeof manifestSchema>;
export type ServiceManifest = z.infer<typeof service>;

/** Reads the text of `.firstfix.yaml`. Throws config.invalid with what is wrong and where. */
export function parseManifest(text: string): Manifest {
  let raw: unknown;
  try {
    raw = parseYaml(text, { maxAliasCount: 10 });
  } catch (cause) {
    throw new FirstfixError("config.invalid", `${MANIFEST_FILE} is not YAML: ${messageOf(cause).split("\n", 1)[0]?.replace(/:$/, "") ?? ""}`, { cause, hint: "Mend the line that the message names." });
  }
  const result = manifestSchema.safeParse(raw);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `${issue.path.join(".") || "(whole file)"}: ${issue.message}`);
  throw new FirstfixError("config.invalid", `${MANIFEST_FILE}: ${problems.join("; ")}`, { hint: "See docs/applications.md for its keys." });
}

/** What a manifest says of a service. Names come from telemetry, so only the manifest's own keys count. */
export function serviceIn(manifest: Manifest | null, name: string): ServiceManifest | undefined {
  return manifest !== null && Object.hasOwn(manifest.services, name) ? manifest.services[name] : undefined;
}
