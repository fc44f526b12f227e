import type { Context, MiddlewareHandler } from "hono";

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;

const HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=()",
};

/** Telemetry is written by strangers: even if some of it became markup, these headers would not let it run or send. */
export const securityHeaders: MiddlewareHandler = async (context, next) => {
  await next();
  for (const [name, value] of Object.entries(HEADERS)) context.res.headers.set(name, value);
};

/**
 * A console on a loopback address answers only to loopback names. Otherwise a page of the internet could point its own
 * name at 127.0.0.1 (DNS rebinding) and read the console through the visitor's browser.
 */
export function hostGuard(host: string): MiddlewareHandler {
  const bound = host.includes(":") ? `[${host}]` : host;
  const guarded = LOOPBACK.test(bound);
  return async (context, next) => {
    if (guarded && !LOOPBACK.test(context.req.header("host") ?? new URL(context.req.url).host)) {
      return context.json({ error: "this console answers to localhost only", hint: "Open it by its loopback address, or set console.host to the address that others use." }, 403);
    }
    await next();
  };
}

/** Null when a changing request came from our own page or from a program; otherwise why it is refused. */
export function crossSiteReason(context: Context): string | null {
  const site = context.req.header("sec-fetch-site");
  // The browser itself says so, and no page can forge it; it also holds behind a proxy that changes the host.
  if (site !== undefined) return site === "same-origin" ? null : `the request came from another site (${site})`;
  const origin = context.req.header("origin");
  if (origin === undefined) return null;
  const host = context.req.header("host") ?? new URL(context.req.url).host;
  if (!URL.canParse(origin) || new URL(origin).host !== host) return "the request came from another origin";
  return null;
}
