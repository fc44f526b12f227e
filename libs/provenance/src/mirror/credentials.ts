import { hostSuffix, type Source } from "./source.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** What a git process that speaks to a source is given beside the common environment. */
export interface Access {
  readonly env: Readonly<Record<string, string>>;
  readonly settings: readonly (readonly [string, string])[];
  /** Must never come to an error, a log line or progress. */
  readonly secrets: readonly string[];
}

/** What finds the way out of a closed network, and what vouches for its servers. */
const HTTP_VARIABLES = ["http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "GIT_PROXY_SSL_CAINFO"];
const SSH_VARIABLES = ["SSH_AUTH_SOCK", "GIT_SSH_COMMAND", "GIT_SSH", "GIT_SSH_VARIANT", "HOME", "USER", "LOGNAME"];
const SSH_COMMAND = "ssh -oBatchMode=yes -oConnectTimeout=20";
/** GitHub asks for this name beside an app's token; for personal tokens, and on GitLab and Gitea, any name will do. */
const USERNAME = "x-access-token";

/**
 * How git may speak to a source: by that protocol alone. A token is handed over in the process' environment, to a helper
 * that git asks only after that very host has refused an anonymous request, and never over an open line.
 */
export function accessTo(source: Source, environment: Environment): Access {
  if (source.kind === "path" || source.kind === "file") return { env: { GIT_ALLOW_PROTOCOL: "file" }, settings: [], secrets: [] };
  if (source.kind === "git") return { env: { GIT_ALLOW_PROTOCOL: "git" }, settings: [], secrets: [] };
  if (source.kind === "ssh") return { env: { GIT_ALLOW_PROTOCOL: "ssh", GIT_SSH_COMMAND: SSH_COMMAND, ...chosen(environment, SSH_VARIABLES) }, settings: [], secrets: [] };
  const env = { GIT_ALLOW_PROTOCOL: "https:http", ...chosen(environment, HTTP_VARIABLES) };
  const settings: (readonly [string, string])[] = [
    ["http.lowSpeedLimit", "1"],
    ["http.lowSpeedTime", "60"],
    ["protocol.http.allow", source.kind === "http" ? "always" : "never"],
  ];
  const token = tokenFor(source, environment);
  // Over https a redirect must not lead back to an open line.
  const allowed = source.kind === "https" ? { ...env, GIT_ALLOW_PROTOCOL: "https" } : env;
  if (token === null) return { env: allowed, settings, secrets: [] };
  return {
    env: { ...allowed, FIRSTFIX_ASKED_USERNAME: token.username, FIRSTFIX_ASKED_PASSWORD: token.secret },
    settings: [...settings, [`credential.${source.kind}://${source.host}.helper`, '!f() { test "$1" = get && printf \'username=%s\\npassword=%s\\n\' "$FIRSTFIX_ASKED_USERNAME" "$FIRSTFIX_ASKED_PASSWORD"; }; f']],
    secrets: [token.secret, encodeURIComponent(token.secret), Buffer.from(`${token.username}:${token.secret}`).toString("base64")],
  };
}

/** The host's own token before the general one. None for http beyond this machine: anybody on the way could read it. */
function tokenFor(source: Source, environment: Environment): { readonly username: string; readonly secret: string } | null {
  const hostname = source.host.replace(/:\d+$/, "");
  if (source.kind === "http" && !/^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname)) return null;
  const suffix = hostSuffix(hostname);
  const secret = environment[`FIRSTFIX_GIT_TOKEN_${suffix}`] ?? environment["FIRSTFIX_GIT_TOKEN"] ?? "";
  // A line break would begin another field of the helper's answer.
  if (secret === "" || /[\r\n\0]/.test(secret)) return null;
  const username = environment[`FIRSTFIX_GIT_USERNAME_${suffix}`] ?? environment["FIRSTFIX_GIT_USERNAME"] ?? USERNAME;
  return { username: /[\r\n\0]/.test(username) ? USERNAME : username, secret };
}

function chosen(environment: Environment, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]])));
}
