export interface Token {
  readonly text: string;
  readonly kind: "keyword" | "string" | "number" | "comment" | "";
}

const KEYWORDS = new Set(
  "as async await break case catch class const continue default delete do else export extends false finally for from function if import in instanceof let new null of return static super switch this throw true try typeof undefined var void while yield def elif except lambda None not or and pass raise self True False with is".split(" "),
);

// Cheap and line by line: comments, strings, numbers and words of JavaScript, TypeScript and Python look alike enough.
const PATTERN = /(\/\/.*$|#(?![a-fA-F0-9]{3,8}\b).*$|^\s*\*.*$|\/\*.*?(?:\*\/|$))|("(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|`(?:[^`\\]|\\.)*`?)|(\b\d[\d_.]*(?:e[+-]?\d+)?n?\b)|([A-Za-z_$][\w$]*)/g;

const CODE = /\.(?:[cm]?[jt]sx?|py)$/;
const LINE_CHARACTERS_MAX = 1000;

/** The line cut into coloured pieces; their texts joined are the line. */
export function highlight(line: string, path: string): readonly Token[] {
  if (!CODE.test(path) || line.length > LINE_CHARACTERS_MAX) return [{ text: line, kind: "" }];
  const hashIsComment = path.endsWith(".py");
  const tokens: Token[] = [];
  let plain = "";
  let end = 0;
  const flush = (): void => {
    if (plain !== "") tokens.push({ text: plain, kind: "" });
    plain = "";
  };
  for (const match of line.matchAll(PATTERN)) {
    const text = match[0];
    if (match.index < end) continue;
    plain += line.slice(end, match.index);
    end = match.index + text.length;
    const kind = kindOf(match, hashIsComment);
    if (kind === "") {
      plain += text;
      continue;
    }
    flush();
    tokens.push({ text, kind });
  }
  plain += line.slice(end);
  flush();
  return tokens;
}

function kindOf(match: RegExpExecArray, hashIsComment: boolean): Token["kind"] {
  if (match[1] !== undefined) return match[1].startsWith("#") && !hashIsComment ? "" : "comment";
  if (match[2] !== undefined) return "string";
  if (match[3] !== undefined) return "number";
  return KEYWORDS.has(match[0]) ? "keyword" : "";
}
