/** What the environment asks of the SDK. Every key and its meaning stands in README.md. */
export interface Settings {
  readonly disabled: boolean;
  /** Requests captured per second, route and outcome; 0 = off. */
  readonly captureRequests: number;
  /** Exceptions whose local variables are captured, per second; 0 = off. */
  readonly captureLocals: number;
  /** Whether exceptions that the application catches count too. A framework catches nearly all of them. */
  readonly captureCaught: boolean;
  /** Whether a fatal exception is recorded and flushed before the process ends. */
  readonly captureFatal: boolean;
  /** Further names to redact. */
  readonly redact: readonly string[];
  /** Longest wait for the last export when the process ends. */
  readonly flushMs: number;
}

const PER_SECOND_MAX = 10_000;
const FLUSH_MS_MAX = 60_000;

/** Reads the settings. A value that is not understood counts as its default: telemetry must not stop an application. */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  return {
    disabled: flag(env["FIRSTFIX_SDK_DISABLED"], false) || flag(env["OTEL_SDK_DISABLED"], false),
    captureRequests: count(env["FIRSTFIX_CAPTURE_REQUESTS"], 5, PER_SECOND_MAX),
    captureLocals: count(env["FIRSTFIX_CAPTURE_LOCALS"], 5, PER_SECOND_MAX),
    captureCaught: flag(env["FIRSTFIX_CAPTURE_CAUGHT"], true),
    captureFatal: flag(env["FIRSTFIX_CAPTURE_FATAL"], true),
    redact: (env["FIRSTFIX_REDACT"] ?? "").split(",").map((name) => name.trim()).filter((name) => name !== ""),
    flushMs: count(env["FIRSTFIX_FLUSH_MS"], 3_000, FLUSH_MS_MAX),
  };
}

function count(text: string | undefined, fallback: number, max: number): number {
  if (text === undefined || text.trim() === "") return fallback;
  if (/^(off|false|no)$/i.test(text.trim())) return 0;
  const value = Number(text);
  return Number.isInteger(value) && value >= 0 ? Math.min(value, max) : fallback;
}

function flag(text: string | undefined, fallback: boolean): boolean {
  if (text === undefined || text.trim() === "") return fallback;
  if (/^(1|true|on|yes)$/i.test(text.trim())) return true;
  return /^(0|false|off|no)$/i.test(text.trim()) ? false : fallback;
}
