import { join } from "node:path";
import { scenario, stopCleanly, type Instance, type World } from "./scenario.ts";
import type { Sender, SenderOptions } from "./sender.ts";

export interface Embedded extends Omit<World, "sender" | "instance">, Instance {
  readonly data: string;
  readonly sender: (options?: Partial<SenderOptions>) => Sender;
}

export interface EmbeddedOptions {
  readonly memoryMiBMax: number;
  /** Where the data goes; a folder of its own by default. */
  readonly data?: string;
}

/** A scenario on one process with the memory bus and chDB. It is stopped by SIGTERM before the count. */
export async function embedded(name: string, { memoryMiBMax, data: given }: EmbeddedOptions, run: (context: Embedded) => Promise<void>): Promise<void> {
  await scenario(name, memoryMiBMax, async (world) => {
    const data = given ?? join(world.folder, "data");
    const instance = await world.instance({ name: "firstfix", config: { data } });
    await run({ ...world, ...instance, data, sender: (options = {}) => world.sender({ urls: [instance.ingestUrl], ...options }) });
    await stopCleanly(name, instance.firstfix);
    return { path: data };
  });
}
