import { readFile } from "node:fs/promises";
import { extname, resolve, sep } from "node:path";
import type { Context } from "hono";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".json": "application/json",
  ".txt": "text/plain; charset=utf-8",
};

const NOT_BUILT = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Firstfix</title></head><body>
<h1>The console's pages are not built yet</h1>
<p>Run <code>npm run build:web</code> in the project's folder, then reload this page.</p>
<p>The API answers meanwhile: <a href="/api/overview">/api/overview</a>.</p></body></html>`;

/**
 * A file of the built web, or for any other path the application's page, which then routes by itself: also for a path
 * that cannot be decoded, of which the page says to a person that nothing stands there.
 */
export async function servePage(context: Context, webRoot: string): Promise<Response> {
  const path = decoded(context.req.path);
  if (path === null) return application(context, webRoot, 404);
  const wanted = resolve(webRoot, `.${path}`);
  const inside = wanted.startsWith(resolve(webRoot) + sep);
  const type = TYPES[extname(wanted)];
  if (inside && type !== undefined) {
    const body = await contents(wanted);
    if (body !== null) return page(context, body, type, path.startsWith("/assets/"));
    return context.json({ error: `there is no ${path}`, hint: "Start from /." }, 404);
  }
  return application(context, webRoot, 200);
}

async function application(context: Context, webRoot: string, status: 200 | 404): Promise<Response> {
  const index = await contents(resolve(webRoot, "index.html"));
  if (index === null) return context.html(NOT_BUILT, 503);
  return page(context, index, "text/html; charset=utf-8", false, status);
}

function page(context: Context, body: Uint8Array<ArrayBuffer>, type: string, hashedName: boolean, status: 200 | 404 = 200): Response {
  return context.body(body, status, { "content-type": type, "cache-control": hashedName ? "public, max-age=31536000, immutable" : "no-cache" });
}

async function contents(path: string): Promise<Uint8Array<ArrayBuffer> | null> {
  try {
    return new Uint8Array(await readFile(path));
  } catch {
    return null;
  }
}

function decoded(path: string): string | null {
  try {
    const text = decodeURIComponent(path);
    return text.includes("\0") ? null : text;
  } catch {
    return null;
  }
}
