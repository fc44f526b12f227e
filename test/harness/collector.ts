import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cached } from "./cache.ts";
import { command } from "./command.ts";
import { runs } from "./requires.ts";

const SOURCE = fileURLToPath(new URL("../black-box/clients/collector/", import.meta.url));
const FILES = ["main.go", "go.mod", "go.sum"];

export const GO = { name: "Go", there: runs("go", "version"), install: "apt-get install golang, 1.25 or newer" };

/**
 * Path of an OpenTelemetry Collector with otlpreceiver, batchprocessor and the exporters otlp, otlphttp, kafka, debug
 * and nop. Built once from the Go modules of its authors: about two minutes on two idle cores, then kept.
 */
export async function collectorBinary(): Promise<string> {
  const folder = await goProgram("clients/collector", SOURCE, FILES);
  return join(folder, "program");
}

/** A folder of the cache that holds the program built from a small Go module, as `program`. */
export function goProgram(name: string, source: string, files: readonly string[]): Promise<string> {
  const key = files.map((file) => readFileSync(join(source, file), "utf8"));
  return cached(name, key, async (folder) => {
    for (const file of files) copyFileSync(join(source, file), join(folder, file));
    await command("nice", ["-n", "10", "go", "build", "-trimpath", "-ldflags=-s -w", "-o", "program", "."], { cwd: folder, env: { CGO_ENABLED: "0", GOWORK: "off", GOFLAGS: "-mod=readonly" } });
  });
}
