import { parse } from "smol-toml";
import { list, table, tables, text, under, type Entry, type Reader, type Value } from "./read.ts";

/** Cargo.toml; what lies at a path is the repository's own. */
export const cargoToml: Reader = (source) => {
  const root = table(parse(source));
  const targets = Object.values(table(root["target"]));
  const asked = [root, root["workspace"], ...targets].flatMap((one) => tables(one, "dependencies", "dev-dependencies", "build-dependencies"));
  return { entries: asked.flatMap(([key, value]) => (text(table(value)["path"]) === "" ? [{ name: text(table(value)["package"]) || key, version: specified(value) }] : [])), own: [text(table(root["package"])["name"])].filter((one) => one !== "") };
};

/** Cargo.lock, poetry.lock, uv.lock, pdm.lock: a list of packages. Whose source is the repository itself, or of Cargo nothing, is its own. */
const lock = (isOwn: (one: Readonly<Record<string, Value>>) => boolean): Reader => (content) => {
  const all = list(table(parse(content))["package"]).map(table);
  return {
    entries: all.filter((one) => !isOwn(one)).flatMap((one) => {
      const source = text(one["source"]);
      // Of Cargo an address, of uv a table with one: with the commit behind `#`.
      const git = source.startsWith("git+") ? source : text(under(one["source"], "git"));
      const version = `${text(one["version"])} ${text(one["revision"])}${git}${text(table(one["source"])["resolved_reference"])}`;
      // Cargo checks a repository out under its own name.
      return [text(one["name"]), /\/([\w.-]{1,200}?)(?:\.git)?(?:[?#]|$)/.exec(git)?.[1] ?? ""].map((name) => ({ name, version }));
    }),
    own: all.filter(isOwn).map((one) => text(one["name"])),
  };
};

export const cargoLock: Reader = lock((one) => one["source"] === undefined);
export const pythonLock: Reader = lock((one) => {
  const source = table(one["source"]);
  return ["editable", "virtual", "directory", "path"].some((key) => source[key] !== undefined) || ["directory", "file"].includes(text(source["type"])) || one["path"] !== undefined;
});

/** pyproject.toml: PEP 621, PEP 735 and Poetry. */
export const pyproject: Reader = (source) => {
  const root = table(parse(source));
  const project = table(root["project"]);
  const poetry = table(table(root["tool"])["poetry"]);
  const required = [project["dependencies"], ...Object.values(table(project["optional-dependencies"])), ...Object.values(table(root["dependency-groups"]))].flatMap(list).map(text);
  const asked = [...tables(poetry, "dependencies", "dev-dependencies"), ...Object.values(table(poetry["group"])).flatMap((one) => tables(one, "dependencies"))];
  return {
    entries: [...required.flatMap(requirement), ...asked.flatMap(([name, value]) => (name === "python" || text(table(value)["path"]) !== "" ? [] : [{ name, version: specified(value) }]))],
    own: [text(project["name"]), text(poetry["name"])].filter((one) => one !== ""),
  };
};

export const pipfile: Reader = (source) => ({ entries: tables(parse(source), "packages", "dev-packages").map(([name, value]) => ({ name, version: specified(value) })), own: [] });

/** A requirement of PEP 508: `name[extra] >=1,<2 ; marker`, `name @ address`, `name (>=1)`. */
export function requirement(row: string): Entry[] {
  const found = /^\s*([A-Za-z\d][\w.-]{0,200})\s*(?:\[[^\]]{0,200}\]\s*)?([^;#]{0,500})/.exec(row);
  return found === null ? [] : [{ name: found[1] ?? "", version: (found[2] ?? "").replaceAll(/[\s()]/g, "") }];
}

/** A catalog of Gradle: `[libraries]` with coordinates, whose version may stand in `[versions]`. */
export const gradleCatalog: Reader = (source) => {
  const root = table(parse(source));
  const entries = Object.values(table(root["libraries"])).flatMap((value) => {
    const [group = "", artifact = "", inline = ""] = text(value).split(":");
    const one = table(value);
    const module = text(one["module"]) || (text(one["group"]) === "" ? `${group}:${artifact}` : `${text(one["group"])}:${text(one["name"])}`);
    const version = one["version"];
    const ref = text(table(version)["ref"]);
    return [{ name: module, version: ref === "" ? inline || written(version) : written(under(root["versions"], ref)) }];
  });
  return { entries, own: [] };
};

/** A version, or a table that says where from and which. */
function specified(value: Value): string {
  return text(value) || written(Object.fromEntries(Object.entries(table(value)).filter(([key]) => ["version", "git", "rev", "tag", "branch", "ref", "url"].includes(key))));
}

function written(value: Value): string {
  return text(value) || (value === undefined ? "" : (JSON.stringify(value) ?? ""));
}
