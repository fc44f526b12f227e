import type { Bus, Lag } from "@firstfix/bus";
import { Gauge, Registry, collectDefaultMetrics } from "prom-client";
import { CHECK_MS, within, type Health } from "./health.ts";

export type Metrics = Registry;

/** The registry of a process: Node's own figures, and whether each part is ready. Roles add theirs. */
export function createMetrics(health: Health): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  registry.registerMetric(
    new Gauge({
      name: "firstfix_admin_part_ready",
      help: "1 when a part of this process can work, 0 when /readyz says why not.",
      labelNames: ["part"],
      registers: [],
      async collect() {
        const { parts } = await health.report();
        this.reset();
        for (const { part, state } of parts) this.set({ part }, state === "ok" ? 1 : 0);
      },
    }),
  );
  return registry;
}

/** Lag of every group as the bus sees it. While the bus cannot say, the series are absent, and part_ready tells. */
export function addLag(registry: Metrics, bus: Pick<Bus, "lag">): void {
  registry.registerMetric(
    new Gauge({
      name: "firstfix_bus_lag_records",
      help: "Records appended and not yet committed.",
      labelNames: ["topic", "group", "partition"],
      registers: [],
      async collect() {
        const lags = await within<readonly Lag[]>(CHECK_MS, bus.lag()).catch(() => []);
        this.reset();
        for (const { topic, group, partition, records } of lags) this.set({ topic, group, partition: String(partition) }, records);
      },
    }),
  );
}
