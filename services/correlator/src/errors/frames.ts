import { mapFrames, parseStack, type StackFrame } from "@firstfix/incident";
import type { Running } from "../requirements/specs.ts";
import type { Room } from "../room.ts";
import { sourceMapsOf } from "./source-maps.ts";

/** The frames of a stack, innermost first: at their places in the sources, with their paths in the repository. */
export async function framesOf(room: Room, running: Running, { type, stacktrace }: { readonly type: string; readonly stacktrace: string }): Promise<StackFrame[]> {
  const specs = await room.specs.of(running);
  const frames = await sourceMapsOf(room).apply(parseStack(stacktrace, { type }), running, specs);
  return mapFrames(frames, { paths: specs?.tree.paths ?? [], inApp: specs?.inApp ?? [], own: specs?.own ?? [], frames: specs?.frames ?? [] });
}
