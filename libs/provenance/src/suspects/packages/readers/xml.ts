import { parseXml, XmlElement } from "@rgrove/parse-xml";
import type { Entry, Reader } from "./read.ts";

/** pom.xml: dependencies and the parent, with properties in their versions resolved. What is of the project's own group is its own. */
export const pom: Reader = (source) => {
  const { root } = parseXml(source, { ignoreUndefinedEntities: true });
  if (root === null) return { entries: [], own: [] };
  const properties = values(child(root, "properties"));
  const resolved = resolver(properties, /\$\{([\w.-]{1,200})\}/g);
  const parent = child(root, "parent");
  // Of whom the project inherits its group may be the repository's own as well, unless it says that it is found elsewhere.
  const group = content(root, "groupId") || (isElsewhere(parent) ? "" : content(parent, "groupId"));
  const all = [...(parent === undefined ? [] : [parent]), ...descendants(root, "dependency")].map((one) => ({ group: resolved(content(one, "groupId")), artifact: content(one, "artifactId"), version: content(one, "version") }));
  const others = all.filter((one) => one.version !== "" && one.group !== group && !one.group.startsWith("${"));
  const named = new Set(all.flatMap(({ version }) => [...version.matchAll(/\$\{([\w.-]{1,200})\}/g)].map(([, key]) => key)));
  // A property that another module's pom refers to is known by its name alone.
  const alone = [...properties].flatMap(([key, version]) => (named.has(key) ? [] : propertyEntry(key, version)));
  return { entries: [...others.map((one) => ({ name: `${one.group}:${one.artifact}`, version: resolved(one.version) })), ...alone], own: [] };
};

/** An empty `relativePath` says that the parent is no folder above; Spring Boot's never is. */
function isElsewhere(parent: XmlElement | undefined): boolean {
  const path = child(parent, "relativePath");
  return (path !== undefined && path.text.trim() === "") || content(parent, "groupId") === "org.springframework.boot";
}

const PROPERTY = /^(?:versions?[._-])?([A-Za-z][\w.-]{0,200}?)(?:[._-]?version)?$/i;
/** Words that any project may have a version of. */
const GENERIC = /^(?:java|maven|project|release|version|revision|core|client|server|web|api|app|common|commons|util|utils|base|data|http|test|plugin|service|model|main|source|target)$/i;

/** `jackson.version`, `version.jackson`, `jacksonVersion` → `:jackson`; nothing where the key does not speak of a version, or of nothing in particular. */
export function propertyEntry(key: string, version: string): Entry[] {
  const name = /version/i.test(key) ? (PROPERTY.exec(key)?.[1] ?? "") : "";
  return name === "" || GENERIC.test(name) || !/\d/.test(version) ? [] : [{ name: `:${name}`, version }];
}

/** Project files of .NET, Directory.Packages.props and Directory.Build.props, with properties of the same file; packages.config of before. */
export const msbuild: Reader = (source) => {
  const { root } = parseXml(source, { ignoreUndefinedEntities: true });
  if (root === null) return { entries: [], own: [] };
  const properties = new Map(descendants(root, "PropertyGroup").flatMap((one) => [...values(one)]));
  const resolved = resolver(properties, /\$\(([\w.-]{1,200})\)/g);
  const all = [...descendants(root, "PackageReference"), ...descendants(root, "PackageVersion"), ...descendants(root, "GlobalPackageReference")];
  const entries = all.map((one) => ({ name: one.attributes["Include"] ?? one.attributes["Update"] ?? "", version: one.attributes["Version"] ?? one.attributes["VersionOverride"] ?? content(one, "Version") }));
  const named = new Set(entries.flatMap(({ version }) => [...version.matchAll(/\$\(([\w.-]{1,200})\)/g)].map(([, key]) => key)));
  // One that another file refers to is known by its name alone.
  const alone = [...properties].flatMap(([key, version]) => (named.has(key) ? [] : propertyEntry(key, version)));
  const listed = descendants(root, "package").map((one) => ({ name: one.attributes["id"] ?? "", version: one.attributes["version"] ?? "" }));
  return { entries: [...entries.map(({ name, version }) => ({ name, version: resolved(version) })), ...alone, ...listed], own: [] };
};

function values(of: XmlElement | undefined): Map<string, string> {
  return new Map(of?.children.flatMap((one) => (one instanceof XmlElement ? [[one.name, one.text.trim()] as const] : [])));
}

const DEPTH_MAX = 20;
const RESOLVED_MAX = 1_000;

/** Puts properties in, also into what they refer to, each once. A circle keeps its reference. */
function resolver(properties: ReadonlyMap<string, string>, reference: RegExp): (value: string) => string {
  const known = new Map<string, string>();
  const resolve = (value: string, depth: number): string => value.slice(0, RESOLVED_MAX).replaceAll(reference, (whole, key: string) => {
    const property = properties.get(key);
    if (property === undefined || depth > DEPTH_MAX) return whole;
    if (!known.has(key)) {
      known.set(key, whole);
      known.set(key, resolve(property, depth + 1).slice(0, RESOLVED_MAX));
    }
    return known.get(key) ?? whole;
  });
  return (value) => resolve(value, 0);
}

function child(of: XmlElement | undefined, name: string): XmlElement | undefined {
  return of?.children.find((one): one is XmlElement => one instanceof XmlElement && one.name === name);
}

function content(of: XmlElement | undefined, name: string): string {
  return child(of, name)?.text.trim() ?? "";
}

function descendants(of: XmlElement, name: string): XmlElement[] {
  return of.children.flatMap((one) => (one instanceof XmlElement ? [...(one.name === name ? [one] : []), ...descendants(one, name)] : []));
}
