import { FirstfixError } from "@firstfix/kit";
import { stringify } from "yaml";
import { encodeAttributes } from "./attributes.ts";
import type { Facts } from "./facts.ts";
import { jsonText } from "../terminal.ts";

export const FORMATS = ["env", "export", "docker", "github", "gitlab", "json", "k8s"] as const;
export type Format = (typeof FORMATS)[number];

/** GitLab refuses a longer file of variables (its default). */
const GITLAB_BYTES_MAX = 5 * 1024;

/** The text for standard output, with its last line's end. Throws bad_request for what a format cannot hold. */
export function render(facts: Facts, format: Format): string {
  const variables = variablesOf(facts);
  const lines = variables.map(([name, value]) => `${name}=${value}`);
  switch (format) {
    // One `NAME=value` a line, nothing quoted: docker's and systemd's environment files, and what GitHub and GitLab read.
    case "env":
    case "github":
      return `${lines.join("\n")}\n`;
    case "gitlab": {
      const text = `${lines.join("\n")}\n`;
      if (Buffer.byteLength(text) > GITLAB_BYTES_MAX) throw new FirstfixError("bad_request", `the variables have ${Buffer.byteLength(text)} bytes; GitLab takes ${GITLAB_BYTES_MAX}`, { hint: "Shorten OTEL_RESOURCE_ATTRIBUTES of the job." });
      return text;
    }
    case "export":
      return variables.map(([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'\n`).join("");
    case "docker": {
      const spaced = variables.find(([, value]) => /\s/.test(value));
      if (spaced !== undefined) throw new FirstfixError("bad_request", `${spaced[0]} has a space, which a shell would split`, { hint: "Take a name without spaces: --service NAME, or --format env with docker run --env-file." });
      return `${lines.map((line) => `--build-arg ${line}`).join(" ")}\n`;
    }
    case "k8s":
      return stringify({ env: variables.map(([name, value]) => ({ name, value })) }, { lineWidth: 0, defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "PLAIN" });
    case "json":
      return `${jsonText({ environment: Object.fromEntries(variables), attributes: { ...(facts.service === "" ? {} : { "service.name": facts.service }), ...Object.fromEntries(facts.attributes) }, dirty: facts.dirty, warnings: facts.warnings })}\n`;
  }
}

/** A warning as GitHub shows it beside the run, and as a line for everybody else. */
export function warning(text: string, format: Format): string {
  return format === "github" ? `::warning title=firstfix tag::${text.replace(/[%\r\n]/g, (sign) => encodeURIComponent(sign))}` : `firstfix: warning: ${text}`;
}

function variablesOf(facts: Facts): [name: string, value: string][] {
  return [...(facts.service === "" ? [] : [["OTEL_SERVICE_NAME", facts.service] as [string, string]]), ["OTEL_RESOURCE_ATTRIBUTES", encodeAttributes(facts.attributes)]];
}
