import { storeConformance } from "./conformance.ts";
import { openStore } from "./open.ts";
import { temporaryFolder } from "./testing/store.ts";

storeConformance("embedded", async () => {
  const { path, remove } = await temporaryFolder();
  return { open: () => openStore({ path }), remove };
});
