/** Artifacts of Maven and the classes in them. Nothing ties the one to the other but names. */

const BOOT = ["org/springframework", "com/fasterxml/jackson", "com/zaxxer/hikari", "io/micrometer", "io/netty", "org/apache/catalina", "org/apache/coyote", "org/hibernate", "reactor"];

/** Folders of classes whose artifacts, or groups, are called otherwise. Spring Boot's parent says the versions of all that it starts. */
const CLASSES: Readonly<Record<string, readonly string[]>> = {
  ":guava": ["com/google/common"], ":mysql": ["com/mysql"], ":okhttp": ["okhttp3"], ":retrofit": ["retrofit2"], ":spring-boot": BOOT,
  "com.google.guava:guava": ["com/google/common"],
  "com.h2database:h2": ["org/h2"],
  "com.mysql:mysql-connector-j": ["com/mysql"], "mysql:mysql-connector-java": ["com/mysql"],
  "com.oracle.database.jdbc": ["oracle"],
  "com.squareup.okhttp3": ["okhttp3"], "com.squareup.okio": ["okio"], "com.squareup.retrofit2": ["retrofit2"],
  "io.jsonwebtoken": ["io/jsonwebtoken"],
  "org.apache.tomcat.embed": ["org/apache/catalina", "org/apache/coyote", "org/apache/tomcat"],
  "org.hibernate.orm": ["org/hibernate"],
  "org.jetbrains.kotlin:kotlin-stdlib": ["kotlin"], "org.jetbrains.kotlinx": ["kotlinx"],
  "org.liquibase": ["liquibase"],
  "org.mongodb": ["com/mongodb", "org/bson"],
  "org.scala-lang": ["scala"],
  "org.springframework.boot:org.springframework.boot.gradle.plugin": BOOT, "org.springframework.boot:spring-boot-dependencies": BOOT, "org.springframework.boot:spring-boot-starter-parent": BOOT,
};
/** Parts of names that say nothing about which classes are within. */
const PLAIN = /^(?:all|bom|core|dependencies|java|jvm|parent|starter|version)$/;
/** What says the versions of all of a group. */
const CARRIER = /(?:^|-)(?:bom|dependencies|parent)$/;

/**
 * Whether a class in these folders is the artifact's. Groups share their beginning with their classes
 * (`com.fasterxml.jackson.core`, `com.fasterxml.jackson.databind.ObjectMapper`), and the artifact has the next part of
 * its classes, or all of them, in its own name (`jackson-databind`, `commons-io`).
 */
export function isClassOf(folders: readonly string[], name: string): boolean {
  const path = folders.map((one) => one.toLowerCase());
  if (/^(?:javax?|jdk|sun)$/.test(path[0] ?? "")) return false;
  const [group = "", artifact = ""] = name.toLowerCase().split(":");
  const known = classesOf(`${group}:${artifact}`) ?? classesOf(group);
  if (known !== undefined) return known.some((folder) => `${path.join("/")}/`.startsWith(`${folder}/`));
  const own = artifact.split(/[.-]/).filter((part) => part !== "" && part !== "bom" && part !== "version");
  if (own.length === 0) return false;
  // A property's name says the least: it must be how the project is called, not one of its parts.
  if (group === "") return own.every((part) => path.slice(1, 3).includes(part));
  const groups = group.split(".");
  const shared = groups.findIndex((part, at) => part !== path[at]);
  const alike = shared < 0 ? groups.length : shared;
  const next = path[alike] ?? "";
  if (alike >= 2 && next.length >= 2 && own.some((part) => part.startsWith(next))) return true;
  if (alike === groups.length && isOfGroup(own, artifact, groups, path)) return true;
  return own.length > 1 && `${path.join("-")}-`.includes(`-${own.join("-")}-`);
}

/** Of a class in the folders of the whole group: the artifact adds no word to the group's, carries its versions, or is named by a folder further down (`software.amazon.awssdk:s3`). */
function isOfGroup(own: readonly string[], artifact: string, groups: readonly string[], path: readonly string[]): boolean {
  const telling = own.filter((part) => !PLAIN.test(part));
  if (CARRIER.test(artifact)) return true;
  if (telling.length === 0) return false;
  return telling.every((part) => groups.includes(part)) || path.slice(groups.length).includes(telling.at(-1) ?? "");
}

function classesOf(key: string): readonly string[] | undefined {
  return Object.hasOwn(CLASSES, key) ? CLASSES[key] : undefined;
}
