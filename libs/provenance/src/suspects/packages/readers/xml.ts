import { parseXml, XmlElement } from "@rgrove/parse-xml";
import type { Entry, Reader } from "./read.ts";

/** pom.xml: dependencies and the parent, with properties in their versions resolved. What is of the project's own group is its own. */
export const pom: Reader = (source) => {
  const { root } = parseXml(source, { ignoreUndefinedEntities: true });
  if (root === null) return { entries: [], own: [] };
  const properties = new Map(child(root, "properties")?.children.flatMap((one) => (one instanceof XmlElement ? [[one.name, one.text.trim()] as const] : [])));
  const resolved = (value: string): string => value.replaceAll(/\$\{([\w.-]{1,200})\}/g, (whole, key: string) => properties.get(key) ?? whole);
  const parent = child(root, "parent");
  const group = content(root, "groupId") || content(parent, "groupId");
  const all = [...(parent === undefined ? [] : [parent]), ...descendants(root, "dependency")].map((one) => ({ group: resolved(content(one, "groupId")), artifact: content(one, "artifactId"), version: content(one, "version") }));
  const others = all.filter((one) => one.version !== "" && one.group !== group && !one.group.startsWith("${"));
  const named = new Set(all.flatMap(({ version }) => [...version.matchAll(/\$\{([\w.-]{1,200})\}/g)].map(([, key]) => key)));
  // A property that another module's pom refers to is known by its name alone.
  const alone = [...properties].flatMap(([key, version]) => (named.has(key) ? [] : propertyEntry(key, version)));
  return { entries: [...others.map((one) => ({ name: `${one.group}:${one.artifact}`, version: resolved(one.version) })), ...alone], own: [] };
};

const PROPERTY = /^(?:versions?[._-])?([A-Za-z][\w.-]{0,200}?)(?:[._-]?version)?$/i;
/** Words that any project may have a version of. */
const GENERIC = /^(?:java|maven|project|release|version|revision|core|client|server|web|api|app|common|commons|util|utils|base|data|http|test|plugin|service|model|main|source|target)$/i;

/** `jackson.version`, `version.jackson`, `jacksonVersion` → `:jackson`; nothing where the key does not speak of a version, or of nothing in particular. */
export function propertyEntry(key: string, version: string): Entry[] {
  const name = /version/i.test(key) ? (PROPERTY.exec(key)?.[1] ?? "") : "";
  return name === "" || GENERIC.test(name) || !/\d/.test(version) ? [] : [{ name: `:${name}`, version }];
}

/** Project files of .NET and Directory.Packages.props. */
export const msbuild: Reader = (source) => {
  const { root } = parseXml(source, { ignoreUndefinedEntities: true });
  const all = root === null ? [] : [...descendants(root, "PackageReference"), ...descendants(root, "PackageVersion"), ...descendants(root, "GlobalPackageReference")];
  return { entries: all.map((one) => ({ name: one.attributes["Include"] ?? one.attributes["Update"] ?? "", version: one.attributes["Version"] ?? one.attributes["VersionOverride"] ?? content(one, "Version") })), own: [] };
};

function child(of: XmlElement | undefined, name: string): XmlElement | undefined {
  return of?.children.find((one): one is XmlElement => one instanceof XmlElement && one.name === name);
}

function content(of: XmlElement | undefined, name: string): string {
  return child(of, name)?.text.trim() ?? "";
}

function descendants(of: XmlElement, name: string): XmlElement[] {
  return of.children.flatMap((one) => (one instanceof XmlElement ? [...(one.name === name ? [one] : []), ...descendants(one, name)] : []));
}
