import type { Command } from "commander";
import { EXIT } from "./failure.ts";
import { refuseEmptyArguments, StrictCommand } from "./usage.ts";

/** The one CLI. Each command is a file in commands/, loaded when it is called: help comes without loading an engine. */
export function createProgram(): Command {
  const program: Command = new StrictCommand("firstfix")
    .description("Production debugging and telemetry for AI-authored changes.")
    .version("0.1.0")
    // What stands behind a command belongs to it: `report pr` has options that `report` has too.
    .enablePositionalOptions()
    // A command that is named without its own commands shows them, and was not called rightly.
    .exitOverride(({ code, exitCode }) => process.exit(code === "commander.help" ? EXIT.calledWrongly : exitCode))
    .hook("preAction", refuseEmptyArguments)
    .addHelpText("after", "\nExit codes: 0 done, 1 failed, 2 called or configured wrongly.");

  program
    .command("up")
    .description("Run every role in this process, or those that are named.")
    .option("-c, --config <file>", "configuration file (default: firstfix.yaml in this folder, where there is one)")
    .option("-r, --role <role>", "ingest, writer, correlator, fixer or console; repeatable, or separated by commas (default: FIRSTFIX_ROLE, else all)", collect, [])
    .addHelpText("after", "\nSends to: OTLP/HTTP on http://127.0.0.1:4318. Console: http://127.0.0.1:4300. Health: http://127.0.0.1:4301/readyz.\nStop it with Ctrl-C; what was acknowledged is kept.")
    .action(async (options) => (await import("./commands/up.ts")).up(options));

  program
    .command("demo")
    .description("Run the whole loop on a sample shop with three AI-authored faults.")
    .option("--headless", "approve the proposals by itself, print a summary and end")
    .option("--crash", "kill Firstfix with kill -9 during the traffic, start it again, and count what was lost")
    .option("--keep", "keep the folder of the run")
    .action(async (options) => (await import("./commands/demo.ts")).demo(options));

  program
    .command("doctor")
    .description("Check this machine, configuration, broker, store and keys, with a hint for each problem.")
    .option("-c, --config <file>", "configuration file")
    .option("-r, --role <role>", "only what these roles need; as for up", collect, [])
    .option("--json", "as JSON")
    .action(async (options) => (await import("./commands/doctor.ts")).doctor(options));

  addDeadLetters(program);
  addRepositoryCommands(program);
  addRepositories(program);
  addReports(program);
  addTag(program);
  addErrors(program);

  program
    .command("backfill")
    .description("Record the history of a repository: who wrote each change, and who wrote the lines that it holds now. Called again it goes on.")
    .option("-c, --config <file>", "configuration file of the Firstfix that keeps it")
    .option("--repo <folder|address>", "a clone, or the address of a repository that was added", ".")
    .option("--url <address>", "with a folder: its address as telemetry names it (default: that of its remote)")
    .option("--rev <revision>", "whose history, and whose lines", "HEAD")
    .option("--no-lines", "only the changes; do not blame the revision's files")
    .option("--since <time>", "only changes from then on: 30d, or a date")
    .option("--again", "also what is recorded already, after authorship, owners or rules changed")
    .option("--json", "the result as JSON")
    .action(async (options) => (await import("./commands/backfill.ts")).backfill(options));

  program
    .command("config")
    .description("List every configuration key with its default, what is allowed, and what it does.")
    .option("--json", "as JSON")
    .action(async (options) => (await import("./commands/config.ts")).printConfig(options));

  return program;
}

function addDeadLetters(program: Command): void {
  const dlq = program.command("dlq").description("Look into records that could not be stored, and send them again.");
  const commands = () => import("./commands/dlq.ts");
  const config = ["-c, --config <file>", "configuration file of the Firstfix that keeps them"] as const;
  dlq
    .command("list")
    .description("List the records that could not be stored, with the reason.")
    .option(...config)
    .option("--limit <count>", "at most so many", "50")
    .option("--topic <topic>", "of this topic only, such as otlp.traces")
    .option("--since <time>", "from then on: 30m, 2h, 7d, or a date")
    .option("--settled", "also those that were replayed or dropped")
    .option("--json", "as JSON")
    .action(async (options) => (await commands()).list(options));
  dlq
    .command("show <id>")
    .description("Show where one came from, why it was refused, and what of it can be read.")
    .option(...config)
    .option("--raw <file>", "write its bytes to this file instead")
    .option("--json", "as JSON")
    .action(async (id, options) => (await commands()).show(id, options));
  dlq
    .command("replay [ids...]")
    .description("Send records to their topic again, to be judged anew.")
    .option(...config)
    .option("--all", "all that are not settled")
    .option("--topic <topic>", "with --all: of this topic only")
    .option("--since <time>", "with --all: from then on")
    .option("--json", "one JSON line per record")
    .action(async (ids, options) => (await commands()).replay(ids, options));
  dlq
    .command("drop <ids...>")
    .description("Settle records without storing them.")
    .option(...config)
    .option("--json", "one JSON line per record")
    .action(async (ids, options) => (await commands()).drop(ids, options));
}

/** One-shot commands for anybody with a repository: they need no server and keep nothing. */
function addRepositoryCommands(program: Command): void {
  program
    .command("authors <file>")
    .description("Blame that names the assistant behind each line, with how sure that is and the evidence.")
    .option("--repo <folder>", "the repository", ".")
    .option("--rev <revision>", "as of this revision (default: HEAD)")
    .option("--lines <from-to>", "only these lines, such as 10-25")
    .option("--json", "as JSON")
    .action(async (file, options) => (await import("./commands/authors.ts")).authors(file, options));
  program
    .command("suspects")
    .description("Rank the commits between two revisions for a stack trace (JavaScript, Python, Java, Go, Rust, .NET, Ruby, PHP).")
    .requiredOption("--bad <revision>", "the revision that fails")
    .requiredOption("--stack <file>", "an error with its stack, or a log that holds it; - for standard input")
    .option("--good <revision>", "the last revision that did not fail")
    .option("--repo <folder>", "the repository", ".")
    .option("--operation <name>", "what was asked for, such as \"POST /pay\"")
    .option("--service <name>", "the service that failed, where .firstfix.yaml names several")
    .option("--score-min <score>", "below this no suspect is named", "0.35")
    .option("--json", "as JSON")
    .action(async (options) => (await import("./commands/suspects.ts")).suspects(options));
}

/** Repositories that Firstfix keeps mirrors of. */
function addRepositories(program: Command): void {
  const repo = program.command("repo").description("Add, list, refresh and remove the repositories that Firstfix keeps mirrors of.");
  const commands = () => import("./commands/repo.ts");
  const config = ["-c, --config <file>", "configuration file"] as const;
  repo
    .command("add <source>")
    .description("Make a mirror of a repository: of a folder, or of an address (https, ssh, git, user@host:path).")
    .option(...config)
    .option("--url <address>", "its address as the telemetry names it (default: the folder's origin, else the source)")
    .option("--push", "push branches of fixes (firstfix/*) to the source, never forced")
    .option("--env <name>", "judge only this environment; repeatable", collect, [])
    .option("--dependencies <folder>", "folder that the code needs and the repository does not hold, such as node_modules; repeatable", collect, [])
    .option("--json", "as JSON")
    .addHelpText("after", "\nCredentials come from the environment of Firstfix: FIRSTFIX_GIT_TOKEN, or FIRSTFIX_GIT_TOKEN_GITHUB_COM for one host. See docs/repositories.md.")
    .action(async (source, options) => (await commands()).add(source, options));
  repo
    .command("list")
    .description("List repositories: address, source, last fetch, and the services that telemetry names.")
    .option(...config)
    .option("--json", "as JSON")
    .action(async (options) => (await commands()).list(options));
  repo
    .command("refresh [urls...]")
    .description("Fetch what is new, in all mirrors or in those named.")
    .option(...config)
    .option("--json", "as JSON")
    .action(async (urls, options) => (await commands()).refresh(urls, options));
  repo
    .command("remove <url>")
    .description("Forget a repository and drop its mirror.")
    .option(...config)
    .option("--force", "also where its mirror holds fixes that were not pushed")
    .option("--json", "as JSON")
    .action(async (url, options) => (await commands()).remove(url, options));
}

/** What stacks and groups of errors are made of. */
function addErrors(program: Command): void {
  const config = ["-c, --config <file>", "configuration file"] as const;
  const by = ["--by <name>", "who decides (default: your user name)"] as const;
  const maps = program.command("sourcemaps").description("Source maps of what is deployed, so that stacks show the sources.");
  const mapCommands = () => import("./commands/sourcemaps.ts");
  maps
    .command("upload <paths...>")
    .description("Upload the source maps of folders or files for one revision of a service.")
    .requiredOption("--service <name>", "service.name, as the telemetry says it")
    .requiredOption("--revision <commit>", "the commit that is deployed, as the telemetry says it")
    .option("--url-prefix <prefix>", "where the files are served or lie, such as ~/static/ or /app/dist/ (default: any place with the same path)", "")
    .option(...config)
    .option("--json", "as JSON")
    .action(async (paths, options) => (await mapCommands()).upload(paths, options));
  maps
    .command("list")
    .description("List what was uploaded; with --service and --revision also the files.")
    .option("--service <name>", "of this service only")
    .option("--revision <commit>", "of this revision only")
    .option(...config)
    .option("--json", "as JSON")
    .action(async (options) => (await mapCommands()).list(options));
  const groups = program.command("groups").description("Error groups: look at them, merge and split them by hand.");
  const groupCommands = () => import("./commands/groups.ts");
  groups
    .command("list")
    .description("List the error groups of the last 30 days, seen last first.")
    .option("--service <name>", "of this service only")
    .option("--limit <count>", "at most so many", "50")
    .option(...config)
    .option("--json", "as JSON")
    .action(async (options) => (await groupCommands()).list(options));
  groups
    .command("show <group>")
    .description("Show what a group holds, by fingerprint, and which groups are like it.")
    .option(...config)
    .option("--json", "as JSON")
    .action(async (group, options) => (await groupCommands()).show(group, options));
  groups
    .command("merge <into> <groups...>")
    .description("Count errors of these groups as errors of the first, past ones too.")
    .option(...by)
    .option(...config)
    .option("--json", "as JSON")
    .action(async (into, all, options) => (await groupCommands()).merge(into, all, options));
  groups
    .command("split <group> <fingerprints...>")
    .description("Make errors with these fingerprints a group of their own; the id of a merged group undoes its merge.")
    .option(...by)
    .option(...config)
    .option("--json", "as JSON")
    .action(async (group, fingerprints, options) => (await groupCommands()).split(group, fingerprints, options));
}

function addTag(program: Command): void {
  program
    .command("tag")
    .description("Print the environment variables that tag an application in any language with its commit; for CI and Dockerfiles.")
    .option("--repo <folder>", "the checkout that is built", ".")
    .option("--service <name>", "name of the service (default: OTEL_SERVICE_NAME, else the name in package.json, pyproject.toml, Cargo.toml, composer.json or go.mod)")
    .option("--environment <name>", "where it will run, such as production; leave it out where one image serves many")
    .option("--format <format>", "env, export, docker, github, gitlab, json or k8s", "env")
    .option("--manifest <file>", "also write the provenance manifest: what was built, of which commits, by which assistants")
    .option("--since <revision>", "the manifest lists the commits after this one, such as the release before")
    .option("--rev <revision>", "tag with this revision instead of what is checked out")
    .option("--strict", "exit with 1 after any warning, such as files that differ from the commit")
    .addHelpText("after", "\nIn a shell: eval \"$(firstfix tag --format export)\". For CI, Docker and Kubernetes see docs/tagging.md.")
    .action(async (options) => (await import("./commands/tag.ts")).tag(options));
}

function addReports(program: Command): void {
  const report = program
    .command("report [kind]")
    .enablePositionalOptions()
    .description("Reliability reports by assistant, model, repository, service, team, authorship or bound; of commits, trend and cycles.")
    .option("-c, --config <file>", "configuration file")
    .option("--since <time>", "from then on: 90d, a date, or all", "90d")
    .option("--until <time>", "before then: 7d, or a date")
    .option("--repo <address>", "of this repository only, as the telemetry names it")
    .option("--service <name>", "of this service only")
    .option("--env <name>", "of this environment only, such as production")
    .option("--by <dimension>", "for cycles: assistant (default), model, repository, service, team, authorship or bound")
    .option("--order <order>", "for commits: incidents (default), newest, author, lines, errors and others")
    .option("--limit <count>", "for commits: at most so many (default: 50)")
    .option("--offset <count>", "for commits: leave out so many first ones (default: 0)")
    .option("--search <words>", "for commits: beginning of an id, or words of the subject, author, assistant, model or team")
    .option("--format <format>", "table, json, csv or markdown", "table")
    .option("--out <file>", "write it to this file")
    .addHelpText("after", "\nWithout a kind: by assistant. What each figure means: docs/reports.md.")
    .action(async (kind, options) => (await import("./commands/report.ts")).report(kind ?? "assistant", options));
  report
    .command("pr")
    .description("Summarise a pull request for a comment: who wrote which lines, owners, warnings. Needs no server.")
    .option("--base <revision>", "where it goes (default: the branch that the CI names for this run, else the default branch of origin, else main or master)")
    .option("--head <revision>", "its last commit", "HEAD")
    .option("--repo <folder>", "the repository", ".")
    .option("--address <address>", "how the telemetry names the repository (default: its origin)")
    .option("-c, --config <file>", "also the incidents that blamed changes of its files, from the Firstfix of this configuration")
    .option("--format <format>", "markdown or json", "markdown")
    .option("--out <file>", "write it to this file")
    .action(async (options) => (await import("./commands/report-pr.ts")).reportPullRequest(options));
}

function collect(one: string, all: readonly string[]): readonly string[] {
  return [...all, one];
}
