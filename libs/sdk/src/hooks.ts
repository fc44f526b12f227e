import { createRequire, register } from "node:module";
import { pathToFileURL } from "node:url";

/** Only what an instrumentation can patch is intercepted: built-in modules and packages, never the application's files. */
const BUILT_IN = /^node:/;
const PACKAGE = /\/node_modules\//;

interface SyncHooks {
  readonly supportsSyncHooks?: () => boolean;
  readonly register: (options: { shouldInclude: (url: string) => boolean }) => void;
}

/**
 * Makes `import` visible to the instrumentations. On a Node whose loader can run in this thread that is used: it is
 * faster and not deprecated; older ones get the loader thread. The hook must be the copy that @opentelemetry uses.
 */
export async function hookImports(): Promise<void> {
  const opentelemetry = createRequire(createRequire(import.meta.url).resolve("@opentelemetry/instrumentation"));
  const sync = await import(pathToFileURL(opentelemetry.resolve("import-in-the-middle/register-hooks.mjs")).href)
    .catch(() => null) as SyncHooks | null;
  if (sync?.supportsSyncHooks?.() === true) {
    sync.register({ shouldInclude: (url) => BUILT_IN.test(url) || PACKAGE.test(url) });
  } else {
    register("@opentelemetry/instrumentation/hook.mjs", import.meta.url, { data: { include: [BUILT_IN, PACKAGE] } });
  }
}
