import { BOUNDS } from "../limits.ts";
import type { Commit } from "../types.ts";

/** Longest commit object that is read whole: the headers of a signed merge of many, and a message within its own bound. */
export const COMMIT_BYTES_MAX = BOUNDS.messageBytes + 256 * 1024;

const PERSON = /^([^<]*)<([^>]*)>\s*(-?\d{1,15})?/;

/**
 * A commit from its object, as git stores it. Unlike `git log` it can be read up to a bound: whoever wrote the message
 * decides how long it is.
 *
 * ```
 * commit = *( header LF *( SP continued LF ) ) LF message
 * header = "tree" SP id | "parent" SP id | ( "author" | "committer" ) SP name " <" e-mail "> " seconds SP zone | "encoding" SP name | …
 * ```
 */
export function parseRawCommit(id: string, object: Buffer): Commit {
  const end = object.indexOf("\n\n");
  const encoding = /^encoding (\S{1,40})$/m.exec(object.toString("latin1", 0, end < 0 ? object.length : end))?.[1];
  const text = decode(object, encoding);
  const split = text.indexOf("\n\n");
  const headers = (split < 0 ? text : text.slice(0, split)).split("\n");
  const whole = split < 0 ? "" : text.slice(split + 2).trimEnd();
  const message = whole.slice(0, BOUNDS.messageBytes);
  const valueOf = (key: string): string => headers.find((line) => line.startsWith(`${key} `))?.slice(key.length + 1) ?? "";
  const [author, committer] = [person(valueOf("author")), person(valueOf("committer"))];
  return {
    id,
    parents: headers.flatMap((line) => /^parent ([0-9a-f]{40,64})$/.exec(line)?.[1] ?? []),
    authorName: author.name,
    authorEmail: author.email,
    committerName: committer.name,
    committerEmail: committer.email,
    authoredAt: author.at,
    committedAt: committer.at,
    subject: message.replace(/^\n+/, "").split("\n", 1)[0] ?? "",
    message,
  };
}

function person(text: string): { name: string; email: string; at: number } {
  const match = PERSON.exec(text.slice(0, 2000));
  return { name: (match?.[1] ?? "").trim(), email: (match?.[2] ?? "").trim(), at: Number(match?.[3] ?? 0) * 1000 };
}

/** A name of an encoding that nobody knows, or in which the headers are no headers, is read as UTF-8. */
function decode(object: Buffer, encoding: string | undefined): string {
  if (encoding !== undefined && !/^utf-?8$/i.test(encoding)) {
    try {
      const text = new TextDecoder(encoding).decode(object);
      if (text.startsWith("tree ")) return text;
    } catch {
      return object.toString("utf8");
    }
  }
  return object.toString("utf8");
}
