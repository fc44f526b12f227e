export { createConsoleApp } from "./app.ts";
export type { ConsoleDeps, JournalView } from "./deps.ts";
export { startConsole, type ConsoleOptions, type RunningConsole } from "./start.ts";
