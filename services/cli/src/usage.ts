import { existsSync } from "node:fs";
import { Command, type Option } from "commander";
import { FirstfixError } from "@firstfix/kit";

/** Options for which nothing is a value of its own. `role` says by itself what is wrong. */
const MAY_BE_EMPTY = ["url-prefix", "environment", "operation", "role"];
const SHOWN_MAX = 200;

/**
 * A command whose refusals are those of Firstfix: one line that says what was wrong, a hint, and the exit code of a wrong
 * call. It refuses what a script does by mistake and nobody would notice: an empty value, where a variable was not set,
 * and an option that is given twice, of which one value would be dropped.
 */
export class StrictCommand extends Command {
  override createCommand(name?: string): StrictCommand {
    return new StrictCommand(name);
  }

  override error(message: string): never {
    const [says = "", ...more] = message.replace(/^error: /, "").split("\n");
    const meant = /^\((Did you mean .*\?)\)$/.exec(more.join(" "))?.[1];
    const help = `${callOf(this)} --help shows ${this.commands.length > 0 && this.registeredArguments.length === 0 ? "its commands" : "what it takes"}.`;
    throw new FirstfixError("bad_request", says.slice(0, SHOWN_MAX), { hint: this.#formatMeant(says) ?? hyphened(says) ?? (meant === undefined ? help : `${meant} ${help}`) });
  }

  /** Other commands print JSON by `--json`. */
  #formatMeant(says: string): string | null {
    const format = /^unknown option '--(json|csv|markdown)'$/.exec(says)?.[1];
    return format !== undefined && this.options.some((one) => one.long === "--format") ? `Did you mean --format ${format}?` : null;
  }

  override addOption(option: Option): this {
    super.addOption(option);
    if (!option.required && !option.optional) return this;
    let before: string | undefined;
    return this.on(`option:${option.name()}`, (value: string | null) => {
      if (value === "" && !MAY_BE_EMPTY.includes(option.name())) this.error(`--${option.name()} is empty`);
      // What is repeatable collects its values by a parser of its own.
      if (option.parseArg === undefined && before !== undefined && before !== value) this.error(`--${option.name()} is given twice: ${before} and ${value}`);
      before = value ?? undefined;
    });
  }
}

/** Refuses an empty argument before the command that was called begins. */
export function refuseEmptyArguments(_program: Command, called: Command): void {
  const at = called.args.indexOf("");
  if (at < 0) return;
  const names = called.registeredArguments.map((one) => one.name());
  called.error(`the argument <${names[Math.min(at, names.length - 1)] ?? ""}> is empty`);
}

/** As it is typed: `firstfix report pr`. */
function callOf(command: Command): string {
  return command.parent === null ? command.name() : `${callOf(command.parent)} ${command.name()}`;
}

/** Somebody means a file, and it is taken for an option. */
function hyphened(says: string): string | null {
  const name = /^unknown option '(-.+)'$/s.exec(says)?.[1];
  return name !== undefined && existsSync(name) ? `Give a file whose name begins with a hyphen as ./${name}` : null;
}
