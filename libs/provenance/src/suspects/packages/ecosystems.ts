import type { LibraryFrame } from "../../types.ts";
import { isClassOf } from "./maven.ts";

/** Where packages come from (a submodule, from another repository), each with its own names for them, folders to put them into and ways to import them. */
export type Ecosystem = "npm" | "pypi" | "go" | "cargo" | "gem" | "maven" | "nuget" | "composer" | "submodule";

interface Rules {
  /** Whether a frame runs the package's code. */
  readonly runs: (name: string, frame: LibraryFrame, folder?: string) => boolean;
  /** Names by which a row of the application's code calls what it imports of the package; null where it imports nothing of it. */
  readonly imports: (name: string, row: string) => readonly string[] | null;
}

const PARTS_MAX = 20;

/** Distributions whose module is called otherwise than they are, by their normalised name. */
const MODULES: Readonly<Record<string, string>> = {
  "attrs": "attr", "beautifulsoup4": "bs4", "djangorestframework": "rest_framework", "grpcio": "grpc", "mysqlclient": "mysqldb", "opencv-python": "cv2", "pillow": "pil", "protobuf": "google",
  "psycopg2-binary": "psycopg2", "pyjwt": "jwt", "pymongo": "bson", "python-dateutil": "dateutil", "python-dotenv": "dotenv", "python-jose": "jose", "python-multipart": "multipart", "pyyaml": "yaml", "pyzmq": "zmq", "scikit-learn": "sklearn",
};

const RULES: Readonly<Record<Ecosystem, Rules>> = {
  npm: { runs: (name, { file }, folder) => npmFolder(file).split("node_modules/").at(-1) === name && (folder === undefined || npmFolder(file) === folder), imports: quoted },
  pypi: {
    runs: (name, { file }) => modulesOf(name).includes((/(?:site|dist)-packages[\\/]([\w-]{1,200})/.exec(file)?.[1] ?? "").toLowerCase()),
    imports: (name, row) => words(row, pythonModules(row).some((one) => modulesOf(name).includes(one))),
  },
  go: { runs: (name, { file }) => inModule(file.replaceAll(/!([a-z])/g, (_, letter: string) => letter.toUpperCase()), name), imports: quoted },
  cargo: {
    runs: (name, { file }) => isFolderOf(/[\\/](?:registry[\\/]src[\\/][^\\/]{1,200}|git[\\/]checkouts)[\\/]([^\\/]{1,300})/.exec(file)?.[1], name),
    imports: (name, row) => words(row, new RegExp(String.raw`^\s*(?:pub\s+)?use\s+(?:::)?${name.replaceAll(/\W/g, "_")}(?:::|;|\s)`).test(row)),
  },
  gem: { runs: (name, { file }) => isFolderOf(/[\\/]gems[\\/]([^\\/]{1,300})/.exec(file)?.[1], name), imports: (name, row) => quoted(name, row) ?? quoted(name.replaceAll("-", "/"), row) },
  maven: { runs: (name, { file }) => isClassOf(file.replace(/\/[^/]*$/, "").split("/"), name), imports: (name, row) => imported(name, /^\s*import\s+(?:static\s+)?([\w.]{1,300})/.exec(row)?.[1] ?? "") },
  nuget: { runs: (name, frame) => (name.startsWith(":") ? isJoined(frame.function, name.slice(1)) : within(frame.function, name)), imports: (name, row) => words(row, within(`${/^\s*(?:global\s+)?using\s+([\w.]{1,300})/.exec(row)?.[1] ?? ""}.`, name)) },
  submodule: { runs: (name, { file }) => `/${file.replaceAll("\\", "/")}`.includes(`/${name}/`), imports: (name, row) => words(row, /\b(?:import|require|from|include|use)\b/.test(row) && row.includes(`${name}/`)) },
  composer: { runs: (name, { file }) => file.replaceAll("\\", "/").includes(`/vendor/${name}/`), imports: (name, row) => words(row, named(name).includes((/^\s*use\s+\\?(\w{1,200})/.exec(row)?.[1] ?? "").toLowerCase())) },
};

/** One writing for all that name the same package: PEP 503 of Python, and regardless of case for NuGet and Composer, of `-` and `_` for Cargo. */
export function canonicalName(ecosystem: Ecosystem, name: string): string {
  switch (ecosystem) {
    case "pypi":
      return name.toLowerCase().replaceAll(/[-_.]+/g, "-");
    case "nuget":
    case "composer":
      return name.toLowerCase();
    case "cargo":
      return name.replaceAll("_", "-");
    default:
      return name;
  }
}

/** Texts of which one, in lower case, stands in every file that imports the package: a quick no for most. */
export function tracesOf({ name, ecosystem }: { readonly name: string; readonly ecosystem: Ecosystem }): string[] {
  const lower = name.toLowerCase();
  switch (ecosystem) {
    case "pypi":
      return modulesOf(name);
    case "cargo":
      return [lower.replaceAll(/\W/g, "_")];
    case "gem":
      return [lower, lower.replaceAll("-", "/")];
    case "maven":
      return lower.split(/[:.-]/).filter((part) => part.length > 2);
    case "composer":
      return named(name);
    case "npm":
    case "go":
    case "nuget":
    case "submodule":
      return [lower];
  }
}

/** Whether a frame of the stack runs the package's code, told by where it lies or how it is called. */
export function runsCodeOf({ name, ecosystem, folder }: { readonly name: string; readonly ecosystem: Ecosystem; readonly folder?: string }, frame: LibraryFrame): boolean {
  return name !== "" && RULES[ecosystem].runs(name, frame, folder);
}

/** Names by which code calls what it imports of the package; null where none of its rows imports it. */
export function boundTo({ name, ecosystem }: { readonly name: string; readonly ecosystem: Ecosystem }, rows: readonly string[]): string[] | null {
  const found = rows.map((row) => RULES[ecosystem].imports(name, row)).filter((one) => one !== null);
  return found.length === 0 ? null : [...new Set([...found.flat(), name.split(/[/:]/).at(-1) ?? name])];
}

/** The folder of a file's package below node_modules: `qs`, and nested in another one `express/node_modules/qs`. What pnpm calls a folder is none of npm's. */
function npmFolder(file: string): string {
  const path = file.replaceAll("\\", "/").replace(/^.*node_modules\/\.pnpm\/[^/]{1,300}\//, "");
  const at = path.indexOf("node_modules/");
  return at < 0 ? "" : (/^(?:(?:@[^/]{1,100}\/)?[^/]{1,200}\/node_modules\/){0,20}(?:@[^/]{1,100}\/)?[^/]{1,200}/.exec(path.slice(at + "node_modules/".length))?.[0] ?? "");
}

function modulesOf(name: string): string[] {
  const normal = canonicalName("pypi", name);
  return [normal, normal.replaceAll("-", "_"), MODULES[normal] ?? normal];
}

/** `from a.b import c`, `import a, b.c as d`. */
function pythonModules(row: string): string[] {
  const [, from, list = ""] = /^\s*(?:from\s+([\w.]{1,300})|import\s+(.{1,300}))/.exec(row) ?? [];
  return (from ?? list).split(",").map((one) => (/\w+/.exec(one)?.[0] ?? "").toLowerCase());
}

/** `name-1.2.3`, where the name itself may end in a number: `md-5-0.10.6`. */
function isFolderOf(folder: string | undefined, name: string): boolean {
  return folder?.startsWith(`${name}-`) === true && /^\d+\.|^[\da-f]{7,40}$/.test(folder.slice(name.length + 1));
}

/** `…/pkg/mod/host/path@v1/`, `host/path@v1/` of a build without paths, and the vendor folder. */
function inModule(file: string, name: string): boolean {
  return file.startsWith(`${name}@`) || file.includes(`/${name}@`) || file.includes(`/vendor/${name}/`);
}

/** `Newtonsoft.Json` holds `Newtonsoft.Json.Linq.JToken.Parse`. */
function within(path: string, name: string): boolean {
  return path.toLowerCase().startsWith(`${name.toLowerCase()}.`);
}

/** Whether the first parts together are what a property is named after: `NewtonsoftJson`. */
function isJoined(path: string, name: string): boolean {
  const parts = path.toLowerCase().split(".").slice(0, PARTS_MAX);
  return parts.some((_, at) => at > 0 && parts.slice(0, at).join("") === name.replaceAll(/[._-]/g, "").toLowerCase());
}

/** Vendor and package are usually the namespace, in another case and without what joins their words. */
function named(name: string): string[] {
  return name.toLowerCase().split("/").map((part) => part.replaceAll(/[^a-z0-9]/g, ""));
}

/** A property's name alone is too little to say so: the application's own classes may be called the same. */
function imported(name: string, className: string): readonly string[] | null {
  if (name.startsWith(":")) return null;
  const parts = className.split(".");
  return parts.length > 1 && isClassOf(parts.slice(0, -1), name) ? [parts.at(-1) ?? ""] : null;
}

/** In quotes with nothing or a path behind it. */
function quoted(name: string, row: string): readonly string[] | null {
  if (!/\b(?:import|require|from)\b|^\s*(?:\w+\s+)?"[\w./-]+"$/.test(row)) return null;
  for (let at = row.indexOf(name); at >= 0; at = row.indexOf(name, at + name.length)) {
    if (/["'`]/.test(row.charAt(at - 1)) && /["'`/]/.test(row.charAt(at + name.length))) return words(row, true);
  }
  return null;
}

function words(row: string, imports: boolean): readonly string[] | null {
  return imports ? (row.match(/[\p{L}_$][\p{L}\p{N}_$]*/gu) ?? []).filter((word) => !/^(?:import|from|as|require|const|let|var|type|default|use|using|global|node_modules)$/.test(word)) : null;
}
