import { Lines, streamGit, type GitStream } from "@firstfix/provenance";

/** A line longer than this is cut, in bytes. */
const LINE_BYTES_MAX = 64 * 1024;

export interface GitLines extends Omit<GitStream, "chunk"> {
  readonly line: (bytes: Buffer) => void;
}

/** Runs git as `streamGit` does and hands its output over line by line as bytes, without the line feed. */
export async function gitLines({ line, ...stream }: GitLines): Promise<void> {
  const lines = new Lines(line, LINE_BYTES_MAX);
  await streamGit({ ...stream, chunk: (bytes) => lines.push(bytes) });
  lines.end();
}
