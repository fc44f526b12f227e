import type { Config } from "@firstfix/kit";
import { storeDoctor } from "@firstfix/store";
import { says, type Finding } from "./finding.ts";

const say = says("store");

/** The server of store.url: there, new enough, its clock, rights, disks and cluster. Changes nothing. */
export async function checkStore({ store }: Pick<Config, "store">): Promise<Finding[]> {
  if (store.url !== "") return (await storeDoctor({ url: store.url, cluster: store.cluster })).map((one) => ({ ...one, area: "store" }));
  if (store.cluster !== "") return [say.problem("store.cluster is set, but store.url is not: the embedded store has no cluster", "Set store.url to a server of the cluster, or remove store.cluster.")];
  return [say.ok("embedded, in the data folder")];
}
