import { createFront, type IngestDependencies } from "./front.ts";
import { startGrpc } from "./grpc/server.ts";
import { startHttp } from "./http/server.ts";
import type { Listening } from "./listen.ts";

export type { IngestDependencies } from "./front.ts";
export { createKeyring } from "./keys.ts";

export interface Ingest {
  /** Base address for OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly url: string;
  /** The same for gRPC. */
  readonly grpcUrl: string;
  /** Takes no new connections, answers what is under way, then closes. */
  close(): Promise<void>;
}

/**
 * Starts OTLP over HTTP and gRPC. Throws port.in_use when another program listens there, and config.invalid when anybody
 * who reaches this machine could send.
 */
export async function startIngest(dependencies: IngestDependencies): Promise<Ingest> {
  const servers: { http?: Listening; grpc?: Listening } = {};
  const front = createFront(dependencies, () => ({ http: servers.http?.connections() ?? 0, grpc: servers.grpc?.connections() ?? 0 }));
  const http = (servers.http = await startHttp(front));
  try {
    const grpc = (servers.grpc = await startGrpc(front));
    dependencies.log.info({ url: http.url, grpcUrl: grpc.url }, "taking OTLP over HTTP and gRPC");
    return { url: http.url, grpcUrl: grpc.url, close: async () => void (await Promise.all([http.close(), grpc.close()])) };
  } catch (error) {
    await http.close();
    throw error;
  }
}
