/** Whether a file of a stack is certainly not the application's own: the runtime, a package, something made up. */
export function isLibraryFile(file: string): boolean {
  if (file === "" || file.startsWith("<") || file === "native") return true;
  if (/^(?:node|internal|deno|ext|bun):?\//.test(file) || /^(?:node:|(?:chrome|moz|safari(?:-web)?)-extension:|wasm:)/.test(file)) return true;
  return LIBRARY.test(file);
}

const LIBRARY = /(?:^|[\\/])(?:node_modules|site-packages|dist-packages|bower_components|vendor|gems|\.yarn|\.pnpm)[\\/]|[\\/]pkg[\\/]mod[\\/]|[^\\/@]@v\d[^\\/]*[\\/]|[\\/]go[\d.]*[\\/]src[\\/](?:runtime|net|internal|encoding|database|reflect|sync|testing)[\\/]|[\\/]lib[\\/]ruby[\\/]|[\\/]python\d(?:\.\d+)?[\\/]|^\/?python\d/;
