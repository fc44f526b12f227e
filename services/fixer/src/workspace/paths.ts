/** Folders and files that a fix never touches, whatever an incident says: they decide how code is built, run and judged. */
const PROTECTED_FOLDERS = new Set([".git", ".github", ".gitlab", ".circleci", ".ci", ".husky", ".vscode", ".kiro", "node_modules", "scripts", "bin", "ci", "test", "tests", "__tests__", "spec", "specs", "openspec", "features", "e2e", "fixtures", "vendor", "deploy", "helm", "migrations"]);
const PROTECTED_FILES = /^(?:\..*|package(?:-lock)?\.json|npm-shrinkwrap\.json|.*\.lock|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|dockerfile.*|makefile|jenkinsfile|tsconfig.*\.json|.*\.config\.[cm]?[jt]s|.*[.-](?:test|spec)\.[cm]?[jt]sx?|.*\.feature|.*\.md|.*\.sh|.*\.ya?ml)$/i;
const SCRIPT = /\.[cm]?[jt]sx?$/;

/** Whether `path` is a plain path inside a repository: relative, without `..`, empty parts or control characters. */
export function isPlainPath(path: string): boolean {
  // eslint-disable-next-line no-control-regex
  if (path.length === 0 || path.length > 1024 || /[\u0000-\u001f\u007f\\]/.test(path) || path.startsWith("/")) return false;
  return path.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}

/** Whether a proposal may change the file at all. */
export function mayChange(path: string): boolean {
  if (!isPlainPath(path)) return false;
  const parts = path.split("/");
  const name = parts.pop() as string;
  return !PROTECTED_FILES.test(name) && !parts.some((part) => PROTECTED_FOLDERS.has(part.toLowerCase()));
}

/** Whether the templates can read it: JavaScript and TypeScript. */
export function isScript(path: string): boolean {
  return SCRIPT.test(path) && !path.endsWith(".d.ts");
}
