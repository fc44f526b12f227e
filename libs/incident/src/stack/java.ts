import type { StackFrame } from "../types.ts";

/**
 * Stacks of the Java virtual machine: Java, Kotlin, Scala, Groovy, Clojure; and of PHP as its OpenTelemetry SDK prints them.
 *
 *   stack   = header { frame } [ "... " number " more" ] { ( "Caused by: " | "Suppressed: " | "Wrapped by: " ) stack }
 *           | "[CIRCULAR REFERENCE: " header "]"
 *   frame   = TAB "at " [ loader "/" ] [ module "/" ] class "." method "(" source ")"
 *   source  = file [ ":" line ] | "SourceFile:" line | "Native Method" | "Unknown Source" [ ":" line ]
 *
 * A frame names its file without a folder; the folder is the package's, which is where a repository has it too.
 * A cause lies deeper than what wraps it, so its frames come first; suppressed ones, which happened while the error was
 * on its way, come last. A cause of a suppressed one is indented like it.
 */
export function parseJava(lines: readonly string[], framesMax: number): StackFrame[] {
  let causes: StackFrame[][] = [[]];
  const suppressed: StackFrame[] = [];
  let current = causes[0] as StackFrame[];
  let count = 0;
  for (const raw of lines) {
    const chain = CHAIN.exec(raw);
    if (chain !== null) {
      const nested = chain[2] === "Suppressed" || chain[1] !== "";
      current = nested ? suppressed : [];
      // Logback prints the root cause first and then what wraps it; the platform the other way round.
      if (!nested) causes = chain[2] === "Wrapped by" ? [...causes, current] : [current, ...causes];
      continue;
    }
    const frame = count < framesMax ? frameOf(raw.trim()) : null;
    if (frame === null) continue;
    current.push(frame);
    count += 1;
  }
  return [...causes.flat(), ...suppressed];
}

export function isJava(lines: readonly string[]): boolean {
  return lines.some((line) => frameOf(line.trim()) !== null);
}

const CHAIN = /^(\s*)(Caused by|Suppressed|Wrapped by): /;
/** `at ` what is called, and in parentheses where. A JavaScript frame never has such a file. */
const FRAME = /^at ([^\s()]{1,500})\(((?:[\w$-]{1,200}\.(?:java|kts?|scala|sc|groovy|cljc?|php)|SourceFile|Unknown Source)(?::(\d{1,9}))?|Native Method)\)/;
/** Packages of the platform and of what nearly every server is built on. The repository decides where it is known. */
const LIBRARY = /^(?:java|javax|jakarta|jdk|sun|com\.sun|kotlin|kotlinx|scala|groovy|clojure|org\.(?:springframework|apache|hibernate|eclipse|jboss|junit|slf4j|postgresql|gradle|codehaus|glassfish|reactivestreams)|android|androidx|dalvik|_COROUTINE|io\.(?:netty|opentelemetry|grpc|micrometer|vertx|quarkus|undertow|micronaut|reactivex)|com\.(?:fasterxml|google|zaxxer|mysql|mongodb)|com\.android|zio|cats|akka|play|Illuminate|Symfony|Doctrine|GuzzleHttp|Laravel|Psr|Composer|OpenTelemetry|reactor|feign|okhttp3|ch\.qos)\./;

function frameOf(line: string): StackFrame | null {
  const match = FRAME.exec(line);
  if (match === null) return null;
  const called = (match[1] ?? "").slice((match[1] ?? "").lastIndexOf("/") + 1);
  const source = /^(?:Native |Unknown |SourceFile)/.test(match[2] ?? "") ? "" : (match[2] ?? "").replace(/:\d+$/, "");
  const dot = called.lastIndexOf(".");
  const type = called.slice(0, Math.max(0, dot));
  const method = called.slice(dot + 1);
  const folder = type.split(".").slice(0, -1).join("/");
  // Without a file the line leads nowhere.
  const lineNumber = source === "" ? 0 : Number(match[3] ?? 0);
  const file = source === "" ? "" : folder === "" ? source : `${folder}/${source}`;
  return { function: nameOf(type, method), file, path: "", line: lineNumber, column: 0, inApp: lineNumber > 0 && !LIBRARY.test(called) };
}

/** `Cart.total`; what a compiler made up for a lambda or a proxy is left out, because it changes with every build. */
function nameOf(type: string, method: string): string {
  const short = type.slice(type.lastIndexOf(".") + 1).replace(/\$\$.*$/, "").replace(/\$(?:\d+|Lambda.*)(?=\$|$)/g, "").replace(/\$?fn__\d+|__\d+/g, "").replace(/\$+$/, "");
  const lambda = (/^lambda\$(\w+)\$\d+$/.exec(method) ?? /^\$anonfun\$(\w+?)(?:\$\d+)*$/.exec(method))?.[1];
  return `${short.replaceAll("$", ".")}.${lambda ?? method}`;
}
