/**
 * What counts as written lines. Not counted: generated, vendored, minified and lock files, by the two lists below, and
 * what is a link or a submodule. `linguist-generated` and `linguist-vendored` in the repository's `.gitattributes` stand
 * above the lists: set, a file is not counted; expressly unset (`-linguist-vendored`, `=false`), it is.
 */
const FOLDERS = new Set(["node_modules", "bower_components", "vendor", "dist", "third_party", "__pycache__", ".yarn", "site-packages"]);

const NAMES = new Set([
  "package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "bun.lockb", "deno.lock",
  "Cargo.lock", "Gemfile.lock", "poetry.lock", "Pipfile.lock", "pdm.lock", "uv.lock", "composer.lock", "go.sum", "go.work.sum",
  "mix.lock", "pubspec.lock", "packages.lock.json", "paket.lock", "gradle.lockfile", "Podfile.lock", "Package.resolved", "flake.lock",
]);

const ENDINGS = /\.(?:min\.(?:js|mjs|cjs|css)|(?:js|mjs|cjs|css)\.map|pb\.go|pb\.(?:cc|h)|designer\.cs)$|_pb2(?:_grpc)?\.pyi?$/i;

/** `says` is what the attributes say of the path: true for generated or vendored; without it the lists decide. */
export function isWritten(path: string, says?: boolean): boolean {
  if (says !== undefined) return !says;
  const parts = path.split("/");
  const name = parts.pop() ?? "";
  return !NAMES.has(name) && !ENDINGS.test(name) && !parts.some((part) => FOLDERS.has(part));
}
