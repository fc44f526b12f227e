import { createRequire } from "node:module";
import { zstdCompress, zstdDecompress, constants } from "node:zlib";
import { promisify } from "node:util";
import kafkajs, { type Kafka, type KafkaConfig, type logLevel as LogLevel } from "kafkajs";
import type { Settings } from "./options.ts";
import { unpackLz4, unpackSnappy } from "./unpack.ts";

/** What a connection may take; an append has to have its answer before its client gives up. */
const CONNECT_MS_MAX = 2000;
const REQUEST_MS_MAX = 5000;
/** What a compressed batch may unfold to. */
const UNFOLDED_BYTES_MAX = 256 * 1024 * 1024;

export function createClient(settings: Settings): Kafka {
  prepare();
  const config: KafkaConfig = {
    clientId: "firstfix",
    brokers: [...settings.brokers],
    ssl: settings.tls,
    connectionTimeout: CONNECT_MS_MAX,
    authenticationTimeout: CONNECT_MS_MAX,
    requestTimeout: REQUEST_MS_MAX,
    retry: { initialRetryTime: 100, maxRetryTime: 1000, retries: 4 },
    // What matters to users is said in Firstfix's own words; these lines are for those who look closer.
    logLevel: settings.log.isLevelEnabled("debug") ? kafkajs.logLevel.INFO : kafkajs.logLevel.NOTHING,
    logCreator: () => ({ log: { message, ...more }, namespace }) => settings.log.debug({ ...more, namespace }, `kafkajs: ${message}`),
  };
  const { sasl } = settings;
  return new kafkajs.Kafka(sasl === null ? config : { ...config, sasl: saslOf(sasl) });
}

export type { LogLevel };

function saslOf({ mechanism, username, password }: NonNullable<Settings["sasl"]>): NonNullable<KafkaConfig["sasl"]> {
  switch (mechanism) {
    case "plain": return { mechanism, username, password };
    case "scram-sha-256": return { mechanism, username, password };
    case "scram-sha-512": return { mechanism, username, password };
  }
}

interface Encoded {
  readonly buffer: Buffer;
}

interface RequestQueue {
  throttledUntil: number;
  readonly pending: readonly unknown[];
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  scheduleCheckPendingRequests(): void;
  checkPendingRequests(): void;
}

let prepared = false;

/** What kafkajs lacks and that can be given to it from outside, once for the process. */
function prepare(): void {
  if (prepared) return;
  prepared = true;
  const compress = promisify(zstdCompress);
  const decompress = promisify(zstdDecompress);
  kafkajs.CompressionCodecs[kafkajs.CompressionTypes.ZSTD] = () => ({
    compress: ({ buffer }: Encoded) => compress(buffer, { params: { [constants.ZSTD_c_compressionLevel]: 1 } }),
    decompress: (buffer: Buffer) => decompress(buffer, { maxOutputLength: UNFOLDED_BYTES_MAX }),
  });
  for (const [type, unpack] of [[kafkajs.CompressionTypes.Snappy, unpackSnappy], [kafkajs.CompressionTypes.LZ4, unpackLz4]] as const) {
    kafkajs.CompressionCodecs[type] = () => ({
      compress: () => Promise.reject(new Error("Firstfix reads Snappy and LZ4 but does not write them")),
      decompress: (buffer: Buffer) => Promise.resolve(unpack(buffer, UNFOLDED_BYTES_MAX)),
    });
  }
  // It sets a timer for every request, to a time before now where nothing throttles it: Node warns of that and fires in
  // vain. Here a timer is set only where something waits for it.
  const { prototype } = createRequire(import.meta.url)("kafkajs/src/network/requestQueue") as { readonly prototype: RequestQueue };
  prototype.scheduleCheckPendingRequests = function schedule(this: RequestQueue): void {
    if (this.throttleCheckTimeoutId !== null || this.pending.length === 0) return;
    this.throttleCheckTimeoutId = setTimeout(() => {
      this.throttleCheckTimeoutId = null;
      this.checkPendingRequests();
    }, Math.max(this.throttledUntil - Date.now(), 10));
  };
}
