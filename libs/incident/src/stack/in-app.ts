/** Whether a file of a stack is certainly not the application's own: the runtime, a package, something made up. */
export function isLibraryFile(file: string): boolean {
  return file === "" || file.startsWith("<") || file === "native" || RUNTIME.test(file) || isPackaged(file);
}

/** Whether a path, of a process or of a repository, lies where packages or a language's own library are put. */
export function isPackaged(path: string): boolean {
  return PACKAGES.test(path) || LIBRARY.test(path);
}

/** Whether a frame runs the language's own code, which no package's version changes. A frame without a file is told by its name. */
export function isPlatform({ file, function: name }: { readonly file: string; readonly function: string }): boolean {
  if (file === "") return /^System\.(?:\w+\.\w+$|(?:Collections|IO|Linq|Private|Reflection|Runtime|Threading)\.)/.test(name);
  return file.startsWith("<") || file === "native" || RUNTIME.test(file) || JVM.test(file) || (LIBRARY.test(file) && !PACKAGES.test(file));
}

/** `node:internal/…`, `ext:deno_web/…`, `bun:wrap`; before version 16 Node named its own files without a scheme. */
const RUNTIME = /^(?:node|internal|deno|ext|bun):|^internal\/[\w/.-]{1,200}\.js$|^(?:(?:chrome|moz|safari(?:-web)?)-extension|wasm):/;

/** Folders of classes. */
const JVM = /^(?:javax?|jdk|sun|kotlin|scala)\//;

/** Folders by their name alone where nobody gives it to code of his own; else with the version that an installation has. */
const PACKAGES = /(?:^|[\\/])(?:node_modules|site-packages|dist-packages|bower_components|vendor|\.yarn|\.pnpm)[\\/]|(?:^|[\\/])gems[\\/][^\\/]{1,200}-(?:\d[^\\/]{0,100}|[\da-f]{7,40})[\\/]|[\\/]pkg[\\/]mod[\\/]|[^\\/@]@v\d[^\\/]*[\\/]|[\\/]\.?cargo[\\/](?:registry[\\/]src|git[\\/]checkouts)[\\/]/;

/** Where Go, Ruby, Python and Rust have their own. */
const LIBRARY = /[\\/]go[\d.]*[\\/]src[\\/](?:runtime|net|internal|encoding|database|reflect|sync|testing)[\\/]|[\\/]lib[\\/]ruby[\\/]|(?:^|[\\/])lib(?:64)?[\\/]python\d(?:\.\d{1,2})?[\\/]|(?:^|[\\/])python\d\.\d{1,2}[\\/]|[\\/][Pp]ython\d{2,3}[\\/][Ll]ib[\\/]|^[\\/]rustc[\\/][\da-f]{6,64}[\\/]|[\\/]lib[\\/]rustlib[\\/]src[\\/]rust[\\/]/;
