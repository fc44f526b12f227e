import { writeFile } from "node:fs/promises";
import { FirstfixError, messageOf } from "@firstfix/kit";

/** Writes the file that an option names. Throws bad_request where that cannot be: a failed call, with the option that was wrong. */
export async function writeNamed(option: string, path: string, data: string | Uint8Array, mode?: number): Promise<void> {
  try {
    await writeFile(path, data, mode === undefined ? {} : { mode });
  } catch (cause) {
    throw new FirstfixError("bad_request", `${option} ${path} cannot be written: ${messageOf(cause)}`, { cause, hint: "Name a file in a folder that exists and that you may write to." });
  }
}
