import type { DeploymentRef } from "./types.ts";

/** `service@environment@revision`: how a deployment is named in maps and as a journal subject. */
export function deploymentKey(deployment: Pick<DeploymentRef, "service" | "environment" | "revision">): string {
  return [deployment.service, deployment.environment, deployment.revision].map(encodeURIComponent).join("@");
}
