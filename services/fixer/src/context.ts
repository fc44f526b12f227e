import { join } from "node:path";
import type { Incident } from "@firstfix/incident";
import { FirstfixError, LIMITS, MANIFEST_FILE, messageOf, serviceIn, type Config, type Logger, type ServiceManifest } from "@firstfix/kit";
import { readManifest, type Places, type Repository } from "@firstfix/provenance";
import { compileCheck, readSpecs, type SpecFile } from "@firstfix/spec";
import { BOUNDS } from "./bounds.ts";
import type { BoundCheck, JudgeContext } from "./replay/judge.ts";

/** All that one incident's round needs from its repository, read once. */
export interface RepositoryContext {
  readonly repo: Repository;
  readonly config: { readonly path: string; readonly dependencies: readonly string[] };
  readonly manifest: ServiceManifest;
  /** The revision that fails. */
  readonly revision: string;
  /** The last revision known not to fail; null where none is. */
  readonly good: string | null;
  readonly judging: JudgeContext;
  readonly packageJson: string | null;
  readonly work: string;
}

/** The revision that an incident fails at now: that of the last deployment that should have mended it and did not. */
export function failingRevision(incident: Incident): string {
  return incident.cycles.findLast((cycle) => cycle.verdict === "failed")?.deployment.revision ?? incident.deployment.revision;
}

export async function openContext(config: Config, places: Places, incident: Incident, log: Logger): Promise<RepositoryContext> {
  const revision = failingRevision(incident);
  const repo = await places.open(incident.deployment.repository, revision);
  const dependencies = places.find(incident.deployment.repository)?.dependencies ?? [];
  if (!(await repo.hasRevision(revision))) throw new FirstfixError("repository.revision_missing", `The repository does not have the revision ${revision.slice(0, 40)}.`, { hint: "Push it to where the repository is fetched from." });
  const read = await readManifest(repo, revision);
  if (read === null) throw new FirstfixError("config.invalid", `The repository has no ${MANIFEST_FILE} at ${revision.slice(0, 10)}, so it is not known how to start and test the service.`, { hint: `Add ${MANIFEST_FILE} with services.${incident.deployment.service}.start and .test.` });
  const manifest = serviceIn(read, incident.deployment.service);
  if (manifest === undefined) throw new FirstfixError("config.invalid", `${MANIFEST_FILE} does not name the service ${incident.deployment.service}.`, { hint: `It names ${Object.keys(read.services).join(", ") || "none"}.` });
  const paths = (await repo.listFiles(revision, "")).map((file) => file.path);
  const good = incident.ranking?.good ?? null;
  return {
    repo,
    config: { path: repo.path, dependencies },
    manifest,
    revision,
    good: good !== null && (await repo.hasRevision(good)) ? good : null,
    judging: { checks: await boundChecks(repo, revision, manifest, incident.deployment.service, log), paths, inApp: manifest.inApp, own: manifest.paths, frames: manifest.frames },
    packageJson: await repo.readFile(revision, "package.json"),
    work: join(config.fixer.work, incident.incidentId.replace(/[^\w-]/g, "_")),
  };
}

async function boundChecks(repo: Repository, revision: string, manifest: ServiceManifest, service: string, log: Logger): Promise<BoundCheck[]> {
  const files: SpecFile[] = [];
  const listed = await repo.listFiles(revision, manifest.specs);
  for (const { path, blob, size } of listed.slice(0, BOUNDS.specFiles)) {
    if (size > LIMITS.specFileBytes || !/\.(?:md|ya?ml)$/.test(path)) continue;
    const text = await repo.readFile(revision, path);
    if (text !== null) files.push({ path, blob, text });
  }
  return readSpecs(files, service).checks.flatMap((check) => {
    try {
      return [{ check, compiled: compileCheck(check) }];
    } catch (error) {
      log.warn({ check: check.name }, `a check is passed over: ${messageOf(error)}`);
      return [];
    }
  });
}
