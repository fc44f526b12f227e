/** Whether a file of a stack is certainly not the application's own: the runtime, a package, something made up. */
export function isLibraryFile(file: string): boolean {
  return file === "" || file.startsWith("<") || file === "native" || RUNTIME.test(file) || isPackaged(file);
}

/** Whether a path, of a process or of a repository, lies where packages are put. */
export function isPackaged(path: string): boolean {
  return PACKAGES.test(path);
}

/** `node:internal/…`, `ext:deno_web/…`, `bun:wrap`; before version 16 Node named its own files without a scheme. */
const RUNTIME = /^(?:node|internal|deno|ext|bun):|^internal\/[\w/.-]{1,200}\.js$|^(?:(?:chrome|moz|safari(?:-web)?)-extension|wasm):/;

/** Folders by their name alone where nobody gives it to code of his own; else with the version that an installation has. */
const PACKAGES = /(?:^|[\\/])(?:node_modules|site-packages|dist-packages|bower_components|vendor|\.yarn|\.pnpm)[\\/]|(?:^|[\\/])gems[\\/][^\\/]{1,200}-(?:\d[^\\/]{0,100}|[\da-f]{7,40})[\\/]|[\\/]pkg[\\/]mod[\\/]|[^\\/@]@v\d[^\\/]*[\\/]|[\\/]go[\d.]*[\\/]src[\\/](?:runtime|net|internal|encoding|database|reflect|sync|testing)[\\/]|[\\/]lib[\\/]ruby[\\/]|(?:^|[\\/])lib(?:64)?[\\/]python\d(?:\.\d{1,2})?[\\/]|(?:^|[\\/])python\d\.\d{1,2}[\\/]|[\\/][Pp]ython\d{2,3}[\\/][Ll]ib[\\/]/;
