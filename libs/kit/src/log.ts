import { pino, type Logger } from "pino";

export type { Logger } from "pino";

/**
 * One JSON line per event on standard error: standard output belongs to what the user asked for.
 * `role` names the part of Firstfix that speaks.
 */
export function createLogger(role: string, level: string): Logger {
  return pino({ level, base: { role }, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination({ dest: 2, sync: true }));
}
