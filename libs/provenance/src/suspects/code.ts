/** What a line of source says once comments are gone. Knows families of languages, not grammars: enough for ranking. */

const C_LIKE = /\.(?:[cm]?[jt]sx?|java|kt|kts|scala|go|rs|c|cc|cpp|h|hpp|cs|swift|php|dart|groovy|vue|svelte)$/i;
const HASH = /(?:\.(?:py|pyi|rb|sh|bash|ya?ml|toml|pl|r|ex|exs|tf|properties|conf|ini|env)|(?:^|\/)(?:Dockerfile|Makefile)[^/]*|\/\.env[^/]*)$/i;
const PYTHON = /\.pyi?$/i;
const OTHER_CODE = /\.(?:json|sql|graphql|proto|xml|html?|css|scss|hcl)$/i;

/** Files whose change cannot be why the running service fails. */
const ASIDE: readonly RegExp[] = [
  // Below a folder of sources these are names like any other: `src/doc/node.js` is code.
  /^(?!(?:.*\/)?(?:src|lib|app|pkg|internal|cmd)\/)(?:.*\/)?(?:specs?|benchmarks?|docs?|examples?)\//i,
  /(?:^|\/)(?:tests?|__tests__|__mocks__|e2e|fixtures?|testdata|\.github|\.gitlab|\.circleci|\.vscode|\.idea|\.husky|\.kiro|\.cursor|\.claude|\.agent-trace|\.storybook)\//i,
  /(?:^|\/)[^/]*[._-](?:test|spec|bench|stories)\.[^/]+$/i,
  /(?:^|\/)(?:test_[^/]+\.py|conftest\.py|[^/]+_test\.(?:go|py|rb)|[^/]+Tests?\.java)$/,
  /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|poetry\.lock|uv\.lock|go\.sum|Cargo\.lock|Gemfile\.lock)$/,
  /(?:^|\/)(?:CHANGELOG|README|LICENSE|NOTICE|CONTRIBUTING|AUTHORS|CODEOWNERS|\.gitignore|\.gitattributes|\.git-blame-ignore-revs|\.editorconfig|\.prettierrc|\.eslintrc|\.oxlintrc|\.firstfix)[^/]*$/i,
  /\.(?:md|mdx|rst|txt|adoc|png|jpe?g|gif|svg|ico|webp|woff2?|pdf|feature|snap|d\.ts|map)$/i,
];

export function isAside(path: string): boolean {
  return ASIDE.some((pattern) => pattern.test(path));
}

/** Whether the file can hold functions that are worth reading for the call graph. */
export function isSource(path: string): boolean {
  return !isAside(path) && (C_LIKE.test(path) || (HASH.test(path) && /\.(?:py|rb|ex|exs|pl|r)$/i.test(path)));
}

export function isCode(path: string): boolean {
  return !isAside(path) && (C_LIKE.test(path) || HASH.test(path) || OTHER_CODE.test(path));
}

/** Each line without comments and outer white space; "" for a line that holds nothing else. */
export function codeLines(lines: readonly string[], path: string): string[] {
  if (C_LIKE.test(path)) return stripCLike(lines);
  if (HASH.test(path)) return stripHash(lines, PYTHON.test(path));
  return lines.map((line) => line.trim());
}

/** Names, numbers, strings and signs of a line of code, in order. */
export function tokens(code: string): string[] {
  return code.match(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`|[\p{L}_$#@][\p{L}\p{N}_$]*|\d[\w.]*|[^\s\p{L}\p{N}_]/gu) ?? [];
}

export function isName(token: string): boolean {
  return /^[\p{L}_$#@]/u.test(token);
}

/** Without comments, of languages that write them as C does. */
export function stripCLike(lines: readonly string[]): string[] {
  let inComment = false;
  let inTemplate = false;
  return lines.map((line) => {
    let out = "";
    let quote = inTemplate ? "`" : "";
    for (let index = 0; index < line.length; index += 1) {
      const char = line.charAt(index);
      const pair = line.slice(index, index + 2);
      if (inComment) {
        if (pair === "*/") {
          inComment = false;
          index += 1;
        }
        continue;
      }
      if (char === "\\") {
        out += pair;
        index += 1;
      } else if (quote !== "") {
        if (char === quote) quote = "";
        out += char;
      } else if (pair === "//") {
        break;
      } else if (pair === "/*") {
        inComment = true;
        index += 1;
      } else {
        if (char === '"' || char === "'" || char === "`") quote = char;
        out += char;
      }
    }
    // Only a template goes on over the end of its line.
    inTemplate = quote === "`";
    return out.trim();
  });
}

function stripHash(lines: readonly string[], python: boolean): string[] {
  let fence = "";
  return lines.map((line) => {
    const text = line.trim();
    if (fence !== "") {
      if (text.includes(fence)) fence = "";
      return "";
    }
    const opened = python ? /^[rRuUbB]?("""|''')/.exec(text)?.[1] : undefined;
    if (opened !== undefined) {
      if (text.indexOf(opened, text.indexOf(opened) + 3) < 0) fence = opened;
      return "";
    }
    let quote = "";
    for (let index = 0; index < text.length; index += 1) {
      const char = text.charAt(index);
      if (char === "\\") index += 1;
      else if (quote !== "") quote = char === quote ? "" : quote;
      else if (char === '"' || char === "'") quote = char;
      else if (char === "#" && (index === 0 || /\s/.test(text.charAt(index - 1)))) return text.slice(0, index).trim();
    }
    return text;
  });
}
