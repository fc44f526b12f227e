import { join } from "node:path";
import { cached } from "./cache.ts";
import { command } from "./command.ts";
import { runs } from "./requires.ts";

const VERSION = "v3.19.0";
const OWN = process.env["HELM"] ?? "helm";
const there = runs(OWN, "version");

/** Helm, or Go to build it with. */
export const HELM = { name: "helm", there: there || runs("go", "version"), install: "put helm on the PATH, or its path into HELM, or install Go, with which it is then built" };

/** The helm that is there, or else one built once from its Go module: about a minute and a half on two idle cores. */
export async function helmBinary(): Promise<string> {
  if (there) return OWN;
  const folder = await cached("helm", [VERSION], async (into) => {
    await command("nice", ["-n", "10", "go", "install", "-trimpath", "-ldflags=-s -w", `helm.sh/helm/v3/cmd/helm@${VERSION}`], { cwd: into, env: { CGO_ENABLED: "0", GOBIN: into, GOFLAGS: "", GOWORK: "off" } });
  });
  return join(folder, "helm");
}
