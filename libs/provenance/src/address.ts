/**
 * The name of a repository, however its address is spelled: credentials, a trailing ".git" and slashes do not count,
 * nor does the case of scheme and host. Tables, journal and telemetry are compared by it.
 */
export function sameAddress(url: string): string {
  const plain = withoutCredentials(url).replace(/\/+$/, "").replace(/\.git$/, "").replace(/\/+$/, "");
  return plain.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, (origin) => origin.toLowerCase());
}

/** The address without the name and password before its host, and what may hold a token behind its path; a user of SSH (`git@host:path`) stays. */
export function withoutCredentials(url: string): string {
  return url.trim().replace(/^([a-z][a-z0-9+.-]*:\/\/[^?#]*)[?#].*$/is, "$1").replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, "$1");
}
