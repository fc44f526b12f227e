import type { CapturedRequest } from "@firstfix/otlp";
import type { Finding } from "@firstfix/incident";
import { cleanLine } from "../text.ts";

export interface TestFileInput {
  readonly incidentId: string;
  readonly finding: Finding;
  readonly request: CapturedRequest;
  /** What the failing revision answered. */
  readonly response: { readonly status: number; readonly body: string };
  readonly start: string;
  readonly ready: string;
  /** Files of the repository and the text of one of its tests, to write in its style. */
  readonly paths: readonly string[];
  readonly packageJson: string | null;
}

/** What a test can see from outside that is wrong: an assertion, and whether it holds for an answer. */
interface Observable {
  readonly says: string;
  readonly assertion: string;
}

const COMPARISON = /^\s*(?:double|int)?\(?\s*span\.attributes\["([^"]{1,200})"\]\s*\)?\s*(<=|>=|<|>)\s*(-?\d+(?:\.\d+)?)\s*$/;

/**
 * The reproduction as a node:test file, or null where nothing that HTTP shows tells right from wrong: an error must have
 * been answered with 5xx; a violated bound must show as a number of the answer, named like the check's attribute.
 */
export function testFileOf(input: TestFileInput): { readonly path: string; readonly text: string } | null {
  const observable = observe(input.finding, input.response);
  if (observable === null) return null;
  const module = usesModules(input);
  const folder = ["test", "tests", "__tests__"].find((name) => input.paths.some((path) => path.startsWith(`${name}/`))) ?? "test";
  return { path: `${folder}/firstfix-${input.incidentId.replace(/^inc_/, "").replace(/[^\w-]/g, "").slice(0, 16)}.test.${module.extension}`, text: render(input, observable, module.imports) };
}

function observe(finding: Finding, response: TestFileInput["response"]): Observable | null {
  if (finding.kind === "error") return response.status >= 500 ? { says: "is answered without a server error", assertion: "assert.ok(response.status < 500, `answered ${response.status}: ${text}`);" } : null;
  const require = finding.violation?.check.find((line) => line.startsWith("require"))?.replace(/^require:\s*/, "") ?? "";
  for (const clause of require.split("&&")) {
    const [, attribute, operator = "", bound = ""] = COMPARISON.exec(clause) ?? [];
    if (attribute === undefined) continue;
    for (const name of fieldNames(attribute)) {
      const shown = numberNamed(parse(response.body), name);
      if (shown === null || holds(shown, operator, Number(bound))) continue;
      return {
        says: cleanLine(finding.title, 100),
        assertion: `assert.ok(response.status < 500, \`answered \${response.status}: \${text}\`);\n    const value = numberNamed(JSON.parse(text), ${JSON.stringify(name)});\n    assert.ok(value === null || value ${operator} ${bound}, \`${name} is \${value}\`);`,
      };
    }
  }
  return null;
}

function render(input: TestFileInput, observable: Observable, imports: readonly string[]): string {
  const { request } = input;
  const headers = Object.fromEntries(Object.entries(request.headers).filter(([name, value]) => /^(?:content-type|accept|x-[\w-]+)$/.test(name) && !value.includes("[redacted]")));
  const body = request.body === null ? "undefined" : request.bodyEncoding === "utf8" ? JSON.stringify(request.body) : `Buffer.from(${JSON.stringify(request.body)}, "base64")`;
  const title = `${request.method} ${cleanLine(request.target, 80)}: ${observable.says}`;
  return `${imports.join("\n")}

// Written by Firstfix from a request that failed in production (incident ${input.incidentId.replace(/[^\w-]/g, "")}).
const START = ${JSON.stringify(input.start)};

test(${JSON.stringify(title)}, { timeout: 30000 }, async () => {
  const port = await freePort();
  const env = { ...process.env, PORT: String(port), OTEL_SDK_DISABLED: "true" };
  const service = spawn(START, { shell: true, detached: true, stdio: "ignore", env });
  try {
    await untilReady(\`http://127.0.0.1:\${port}${templateSafe(input.ready)}\`);
    const response = await fetch(\`http://127.0.0.1:\${port}\` + ${JSON.stringify(request.target)}, {
      method: ${JSON.stringify(request.method)},
      headers: ${JSON.stringify(headers)},
      body: ${body},
    });
    const text = await response.text();
    ${observable.assertion}
  } finally {
    process.kill(-service.pid, "SIGKILL");
  }
});

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function untilReady(url) {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const answer = await fetch(url).catch(() => null);
    if (answer !== null && answer.status < 500) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("the service did not become ready");
}
${observable.assertion.includes("numberNamed") ? NUMBER_NAMED : ""}`;
}

const NUMBER_NAMED = `
function numberNamed(value, name) {
  if (value === null || typeof value !== "object") return null;
  if (typeof value[name] === "number") return value[name];
  return Object.values(value).reduce((found, inner) => found ?? numberNamed(inner, name), null);
}
`;

function usesModules({ packageJson, paths }: TestFileInput): { readonly extension: string; readonly imports: readonly string[] } {
  const isModule = /"type"\s*:\s*"module"/.test(packageJson ?? "");
  const names: readonly (readonly [string, string])[] = [["test", "node:test"], ["assert", "node:assert/strict"], ["{ spawn }", "node:child_process"], ["{ once }", "node:events"], ["{ createServer }", "node:net"]];
  const endsIn = (extension: string): boolean => paths.some((path) => /^(?:test|tests|__tests__)\//.test(path) && path.endsWith(`.test.${extension}`));
  const extension = endsIn("js") ? "js" : endsIn("mjs") ? "mjs" : endsIn("cjs") ? "cjs" : "js";
  const modules = extension === "mjs" || (isModule && extension !== "cjs");
  return { extension, imports: names.map(([name, from]) => (modules ? `import ${name} from "${from}";` : `const ${name} = require("${from}");`)) };
}

/** `shop.order.total` may be answered as total, orderTotal, order_total … */
function fieldNames(attribute: string): string[] {
  const parts = attribute.split(/[.]/).flatMap((part) => part.split("_"));
  const last = parts.at(-1) ?? "";
  const two = parts.slice(-2);
  const camel = two.map((part, index) => (index === 0 ? part : part.charAt(0).toUpperCase() + part.slice(1))).join("");
  return [...new Set([attribute.split(".").at(-1) ?? "", camel, two.join("_"), last])].filter((name) => /^\w+$/.test(name));
}

function numberNamed(value: unknown, name: string, depth = 0): number | null {
  if (value === null || typeof value !== "object" || depth > 8) return null;
  const own = (value as Record<string, unknown>)[name];
  if (typeof own === "number") return own;
  return Object.values(value).reduce<number | null>((found, inner) => found ?? numberNamed(inner, name, depth + 1), null);
}

function holds(value: number, operator: string, bound: number): boolean {
  return operator === "<" ? value < bound : operator === "<=" ? value <= bound : operator === ">" ? value > bound : value >= bound;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function templateSafe(path: string): string {
  return path.replace(/[`\\$]/g, (char) => `\\${char}`);
}
