import type { Attributes } from "./span.ts";

export interface ResourceIdentity {
  readonly service: string;
  readonly environment: string;
  readonly revision: string;
  readonly repository: string;
}

/** Names of the semantic conventions, the current one first, then what it was called before. */
export const RESOURCE_NAMES: Readonly<Record<keyof ResourceIdentity, readonly string[]>> = {
  service: ["service.name"],
  environment: ["deployment.environment.name", "deployment.environment"],
  revision: ["vcs.ref.head.revision", "vcs.repository.ref.revision"],
  repository: ["vcs.repository.url.full"],
};

/** Which program in which state sent this; "" where the resource does not say. */
export function resourceIdentity(resource: Attributes): ResourceIdentity {
  const first = (names: readonly string[]): string => {
    for (const name of names) {
      const value = resource[name];
      if (typeof value === "string" && value !== "") return value;
    }
    return "";
  };
  return {
    service: first(RESOURCE_NAMES.service),
    environment: first(RESOURCE_NAMES.environment),
    revision: first(RESOURCE_NAMES.revision),
    repository: first(RESOURCE_NAMES.repository),
  };
}
