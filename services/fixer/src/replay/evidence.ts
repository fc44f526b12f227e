import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { decodeLogs, decodeTraces, jsonToProtobuf, type LogRecord, type Span } from "@firstfix/otlp";
import { z } from "zod";
import { BOUNDS } from "../bounds.ts";
import { readUntrusted } from "../workspace/tree.ts";
import type { RunResults } from "./plan.ts";

/** What a replay has shown so far. */
export interface Evidence {
  readonly results: RunResults;
  readonly spans: readonly Span[];
  /** Exceptions come as span events and as log records: both count. */
  readonly logs: readonly LogRecord[];
}

const RESULTS_BYTES = 8 * 1024 * 1024;
const EMPTY: RunResults = { ready: false, phases: 0, responses: [], exited: null, log: "", done: false };

const resultsSchema = z.object({
  ready: z.boolean(),
  phases: z.number().int(),
  responses: z.array(z.object({ id: z.string(), status: z.number().int(), contentType: z.string(), body: z.string(), ms: z.number() })).max(1000),
  exited: z.string().nullable(),
  log: z.string(),
  done: z.boolean(),
});

/**
 * Reads the files of a run as they appear. The application shares the folder with the runner, so everything in it is
 * untrusted: links and oversized files are passed over, and what does not parse is no evidence.
 */
export class EvidenceReader {
  readonly #folder: string;
  readonly #read = new Set<string>();
  readonly #spans: Span[] = [];
  readonly #logs: LogRecord[] = [];
  #bytes = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async read(): Promise<Evidence> {
    const names = (await readdir(this.#folder)).filter((name) => /^\d{5}\.(?:traces|logs)\.(?:pb|json)$/.test(name)).sort();
    for (const name of names.slice(0, BOUNDS.otlpFiles)) {
      if (this.#read.has(name) || this.#bytes > BOUNDS.otlpBytes) continue;
      this.#read.add(name);
      const body = await readUntrusted(join(this.#folder, name), BOUNDS.otlpFileBytes);
      if (body === null) continue;
      this.#bytes += body.length;
      try {
        const signal = name.includes(".logs.") ? "logs" : "traces";
        const bytes = name.endsWith(".json") ? jsonToProtobuf(signal, body) : body;
        if (signal === "logs") for (const record of decodeLogs(bytes)) this.#logs.push(record);
        else for (const span of decodeTraces(bytes)) this.#spans.push(span);
      } catch {
        // Not OTLP: it proves nothing.
      }
    }
    return { results: await this.#results(), spans: this.#spans, logs: this.#logs };
  }

  async #results(): Promise<RunResults> {
    const text = await readUntrusted(join(this.#folder, "results.json"), RESULTS_BYTES);
    if (text === null) return EMPTY;
    try {
      const parsed = resultsSchema.safeParse(JSON.parse(text.toString("utf8")));
      return parsed.success ? parsed.data : EMPTY;
    } catch {
      return EMPTY;
    }
  }
}
