import type { Finding } from "@firstfix/incident";
import type { CapturedRequest } from "@firstfix/otlp";
import type { Hints } from "./templates/api.ts";

const NAMES_MAX = 24;
const LITERALS_MAX = 24;
/** Last parts of attribute names that say nothing. */
const COMMON = new Set(["name", "id", "status", "attributes", "span", "type", "kind", "code"]);

/** What the finding and the request tell the templates. */
export function hintsOf(finding: Finding, request: CapturedRequest | null): Hints {
  const eventually = finding.violation?.check.some((line) => line.startsWith("eventually")) === true;
  return {
    kind: finding.kind === "error" ? "error" : eventually ? "eventually" : "invariant",
    property: /\(reading '([^']{1,100})'\)|\(setting '([^']{1,100})'\)|Cannot destructure property '([^']{1,100})'/.exec(finding.error?.message ?? "")?.slice(1).find((one) => one !== undefined) ?? null,
    names: namesOf(finding),
    literals: request === null ? [] : literalsOf(request),
  };
}

function namesOf(finding: Finding): ReadonlySet<string> {
  const names = new Set<string>();
  for (const line of finding.violation?.check ?? []) {
    for (const [, key = ""] of line.matchAll(/attributes\[["']([^"']{1,200})["']\]/g)) {
      const last = key.split(".").at(-1) ?? "";
      if (last !== "" && !COMMON.has(last)) names.add(last);
    }
  }
  for (const [, word = ""] of (finding.error?.message ?? "").slice(0, 1000).matchAll(/['"`]?([A-Za-z_$][\w$]{2,40})['"`]? (?:is not|of|for)\b/g)) names.add(word);
  return new Set([...names].slice(0, NAMES_MAX));
}

function literalsOf(request: CapturedRequest): string[] {
  const found = [...(request.body ?? "").slice(0, 16_384).matchAll(/"((?:[^"\\]|\\.){1,40})"\s*(?=[,\]}])/g)].map(([, text = ""]) => text);
  const query = [...new URLSearchParams(request.target.split("?")[1] ?? "")].map(([, value]) => value);
  return [...new Set([...found, ...query])].slice(0, LITERALS_MAX);
}
