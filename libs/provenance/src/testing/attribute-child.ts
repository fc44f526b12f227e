import { attributeChange, openRepository } from "../index.ts";

/** Says what is known of a commit, and how much memory that took: run apart, so that no other test's memory counts. */
const [path = "", commit = ""] = process.argv.slice(2);
const { attribution, linesAdded } = await attributeChange(await openRepository(path), commit);
console.log(JSON.stringify({ authorship: attribution.authorship, raws: attribution.evidence.map((one) => one.raw), linesAdded, rssBytes: process.resourceUsage().maxRSS * 1024 }));
