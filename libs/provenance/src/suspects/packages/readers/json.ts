import { list, table, tables, text, type Entry, type Reader, type Value } from "./read.ts";

/** package.json; of what a consumer brings itself (`peerDependencies`) nothing is installed here. */
export const packageJson: Reader = (source) => {
  const root = table(JSON.parse(source));
  // What it asks for itself lies on top; what it overrides, anywhere.
  const asked = tables(root, "dependencies", "devDependencies", "optionalDependencies").map(([name, version]) => ({ name, version: text(version), folder: name }));
  const overridden = [...tables(root, "overrides", "resolutions"), ...tables(root["pnpm"], "overrides")].map(([key, version]) => ({ name: packageName(key), version: text(version) }));
  return { entries: [...asked, ...overridden].filter((one) => one.version !== ""), own: text(root["name"]) === "" ? [] : [text(root["name"])] };
};

/** package-lock.json and npm-shrinkwrap.json: `packages` by folder since version 2, `dependencies` within each other before. */
export const packageLock: Reader = (source) => {
  const root = table(JSON.parse(source));
  const entries: Entry[] = [];
  const own: string[] = [];
  for (const [folder, value] of Object.entries(table(root["packages"]))) {
    const { version, name, link, resolved } = table(value);
    const at = folder.lastIndexOf("node_modules/");
    if (at < 0) own.push(text(name));
    else if (link !== true) entries.push({ name: folder.slice(at + "node_modules/".length), version: `${text(version)}${gitCommit(text(resolved))}`, folder: below(folder) });
  }
  if (root["packages"] === undefined) nested(root["dependencies"], "", entries, 0);
  return { entries, own: own.filter((one) => one !== "") };
};

/** The commit of what comes from a repository, whose version often stays; of a registry's address nothing. */
export function gitCommit(address: string): string {
  const hash = /[#/=]([\da-f]{7,64})$/.exec(address)?.[1];
  return hash !== undefined && /^git[+:@]|^ssh:|\.git#|#commit=|\/tar\.gz\/|^github:/.test(address) ? ` ${hash}` : "";
}

const DEPTH_MAX = 50;

function nested(dependencies: Value, folder: string, entries: Entry[], depth: number): void {
  if (depth > DEPTH_MAX) return;
  for (const [name, value] of Object.entries(table(dependencies))) {
    entries.push({ name, version: text(table(value)["version"]), folder: `${folder}${name}` });
    nested(table(value)["dependencies"], `${folder}${name}/node_modules/`, entries, depth + 1);
  }
}

/** `apps/web/node_modules/a/node_modules/b` → `a/node_modules/b`. */
function below(folder: string): string {
  return folder.slice(folder.indexOf("node_modules/") + "node_modules/".length);
}

/** What is overridden only below another one: `parent/name` and `name@npm:^1` of yarn, `parent>name` of pnpm. */
function packageName(key: string): string {
  return /(?:^|[/>])((?:@[^/@>]{1,200}\/)?[^/@>]{1,200})(?:@.{0,200})?$/.exec(key)?.[1] ?? key;
}

export const pipfileLock: Reader = (source) => ({ entries: tables(JSON.parse(source), "default", "develop").map(([name, value]) => ({ name, version: text(table(value)["version"]) || text(table(value)["ref"]) })), own: [] });

/** composer.json; PHP and its extensions are no packages. */
export const composerJson: Reader = (source) => {
  const root = table(JSON.parse(source));
  return { entries: tables(root, "require", "require-dev").flatMap(([name, version]) => (name.includes("/") ? [{ name, version: text(version) }] : [])), own: text(root["name"]) === "" ? [] : [text(root["name"])] };
};

export const composerLock: Reader = (source) => {
  const root = table(JSON.parse(source));
  const all = [...list(root["packages"]), ...list(root["packages-dev"])].map(table);
  return { entries: all.map((one) => ({ name: text(one["name"]), version: `${text(one["version"])} ${/^dev-|-dev$/.test(text(one["version"])) ? text(table(one["source"])["reference"]) : ""}` })), own: [] };
};

/** packages.lock.json of NuGet, by framework. */
export const nugetLock: Reader = (source) => {
  const frameworks = Object.values(table(table(JSON.parse(source))["dependencies"]));
  return { entries: frameworks.flatMap((one) => Object.entries(table(one)).flatMap(([name, value]) => (text(table(value)["resolved"]) === "" ? [] : [{ name, version: text(table(value)["resolved"]) }]))), own: [] };
};
