import { TOPICS } from "@firstfix/bus";
import { FirstfixError } from "@firstfix/kit";
import { mergeByHand, readGroup, splitByHand, type Regrouped, type Regrouping } from "@firstfix/store";
import { Hono, type Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { z } from "zod";
import { CONSOLE_LIMITS, type ConsoleDeps } from "./deps.ts";
import { MERGE_SEARCH, mergeTargets } from "./merge-targets.ts";
import type { Problem } from "./payload.ts";
import { crossSiteReason } from "./security.ts";

/** A hundred ids with their quotes. */
const BODY_BYTES_MAX = 16 * 1024;

// Control characters and those that turn the direction of text could make one name look like another in the journal.
const DECEPTIVE = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

const id = z.string().regex(/^[a-z]{2,5}_[0-9a-f]{16}$/);
const by = z.string().trim().min(1).max(CONSOLE_LIMITS.nameCharacters).refine((name) => !DECEPTIVE.test(name), "holds control characters").default("console");
const mergeSchema = z.strictObject({ into: id, groups: z.array(id).min(1).max(100), by });
const splitSchema = z.strictObject({ group: id, fingerprints: z.array(id).min(1).max(100), by });
const searchSchema = z.object({ for: id, q: z.string().max(MERGE_SEARCH.characters) });

/**
 * Error groups, and merging and splitting them by hand. For `/api/groups`: mount it with `app.route("/api/groups", …)`.
 * Changes are taken from the console's own pages and from programs only, one at a time.
 */
export function groupRoutes(deps: ConsoleDeps): Hono {
  const app = new Hono();
  let last: Promise<unknown> = Promise.resolve();
  const change = async (context: Context, act: (regrouping: Regrouping, body: unknown) => Promise<Regrouped>): Promise<Response> => {
    const crossSite = crossSiteReason(context);
    if (crossSite !== null) return context.json({ error: crossSite, hint: "Do it in the console itself." } satisfies Problem, 403);
    if (!/^application\/json\s*(;|$)/i.test(context.req.header("content-type") ?? "")) {
      return context.json({ error: "the body must be JSON", hint: "Send content-type: application/json." } satisfies Problem, 415);
    }
    const body: unknown = await context.req.json().catch(() => null);
    const mine = last.then(async () => {
      await deps.journal.refresh();
      const done = await act({ store: deps.store, state: deps.journal.state, actor: "person:console" }, body);
      deps.bus.hint(TOPICS.journalWritten);
      await deps.journal.refresh();
      return done;
    });
    last = mine.catch(() => {});
    return context.json(await mine);
  };
  const bounded = bodyLimit({ maxSize: BODY_BYTES_MAX, onError: (context) => context.json({ error: "the body is too large", hint: `At most ${BODY_BYTES_MAX} bytes.` } satisfies Problem, 413) });

  app.get("/", async (context) => {
    const { for: group, q: query } = checked(searchSchema, context.req.query(), "send ?for=grp_…&q=WORDS");
    return context.json(await mergeTargets(deps.store, deps.journal.state, { group, query }));
  });
  app.get("/:groupId", async (context) => context.json(await readGroup(deps.store.interactive, deps.journal.state, checked(id, context.req.param("groupId"), "a group's id is grp_ and 16 hex digits"))));
  app.post("/merge", bounded, (context) =>
    change(context, (regrouping, body) => {
      const { by: name, ...request } = checked(mergeSchema, body, 'send {"into": "grp_…", "groups": ["grp_…"]}');
      return mergeByHand({ ...regrouping, actor: `person:${name}` }, request);
    }),
  );
  app.post("/split", bounded, (context) =>
    change(context, (regrouping, body) => {
      const { by: name, ...request } = checked(splitSchema, body, 'send {"group": "grp_…", "fingerprints": ["fpr_…"]}');
      return splitByHand({ ...regrouping, actor: `person:${name}` }, request);
    }),
  );
  return app;
}

function checked<T>(schema: z.ZodType<T>, value: unknown, hint: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new FirstfixError("bad_request", `${issue?.path.join(".") || "the request"} is not allowed (${issue?.message ?? "it is malformed"})`, { hint: `Please ${hint}.` });
}
