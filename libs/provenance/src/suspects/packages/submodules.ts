import type { FilePatch } from "../../git/patch.ts";
import type { Bump } from "./versions.ts";

/** A row of a patch that says which commit a submodule was at (-), or is (+). */
export const SUBPROJECT = /^[-+]Subproject commit ([0-9a-f]{40,64})/;

/** The commits before and after, where the file is a submodule that is moved from one to the other. */
function movedTo({ hunks }: FilePatch): { readonly from: string; readonly to: string } | null {
  const found = hunks.flatMap(({ lines }) => lines.flatMap((line) => (SUBPROJECT.test(line) ? [line] : [])));
  const [from, to] = ["-", "+"].map((side) => SUBPROJECT.exec(found.find((line) => line.startsWith(side)) ?? "")?.[1] ?? "") as [string, string];
  return from === "" || to === "" ? null : { from, to };
}

export function isMovedSubmodule(file: FilePatch): boolean {
  return movedTo(file) !== null;
}

/** A submodule is a package that lies in a folder of the repository: its code is in another one. */
export function movedSubmodules(files: readonly FilePatch[]): Bump[] {
  return files.flatMap((file) => {
    const moved = movedTo(file);
    return moved === null ? [] : [{ name: file.path, path: file.path, ecosystem: "submodule" as const, from: moved.from.slice(0, 10), to: moved.to.slice(0, 10) }];
  });
}
