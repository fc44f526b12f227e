import { FirstfixError } from "@firstfix/kit";
import { writeNamed } from "../output.ts";
import { visible } from "../terminal.ts";
import { readFacts } from "../tag/facts.ts";
import { FORMATS, render, warning, type Format } from "../tag/formats.ts";

export interface TagOptions {
  readonly repo: string;
  readonly format: string;
  readonly service?: string;
  readonly environment?: string;
  readonly rev?: string;
  readonly manifest?: string;
  readonly since?: string;
  readonly strict?: boolean;
}

/**
 * Prints the environment variables by which an application in any language is tagged with its commit, and writes the
 * provenance manifest. Standard output holds these lines and nothing else; warnings go to standard error.
 */
export async function tag(options: TagOptions): Promise<void> {
  const format = formatOf(options.format);
  if (options.since !== undefined && options.manifest === undefined) throw new FirstfixError("bad_request", "--since lists commits in the manifest, and no --manifest is written", { hint: "Add --manifest FILE, or leave --since out." });
  if (options.manifest === "-") throw new FirstfixError("bad_request", "--manifest -: standard output holds the attributes", { hint: "Name a file, such as --manifest provenance.json." });
  const facts = await readFacts(options, process.env);
  const warnings = [...facts.warnings];
  // Rendered before anything is written: what a format cannot hold leaves no file behind.
  const text = render(facts, format);
  if (options.manifest !== undefined) {
    const { provenanceManifest } = await import("../tag/manifest.ts");
    const { manifest, warnings: more } = await provenanceManifest(facts, options.since, process.env);
    warnings.push(...more);
    await writeNamed("--manifest", options.manifest, `${JSON.stringify(manifest, null, 2)}\n`);
  }
  process.stdout.write(text);
  for (const one of warnings) console.error(visible(warning(one, format)));
  if (options.strict === true && warnings.length > 0) process.exitCode = 1;
}

function formatOf(text: string): Format {
  const format = FORMATS.find((one) => one === text);
  if (format === undefined) throw new FirstfixError("bad_request", `--format ${JSON.stringify(text.slice(0, 40))}: there is no such format`, { hint: `One of ${FORMATS.join(", ")}.` });
  return format;
}
