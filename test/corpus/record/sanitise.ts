import { fromBinary, toBinary } from "@bufbuild/protobuf";
import type { Signal } from "@firstfix/otlp";
import { REQUEST } from "../../../libs/otlp/src/messages.ts";

/** Attributes that tell of this machine, and what they say in the corpus. */
const FICTION: Readonly<Record<string, string>> = {
  "host.name": "shop-7d9f8b6c5-x2x4q",
  "host.id": "8f3c0c54d2b14b6e9a7be0f5a1d6c3e2",
  "process.owner": "app",
};

/** The same request, with paths replaced and without what would tell of the machine that it was recorded on. */
export function sanitise(signal: Signal, body: Uint8Array, paths: readonly (readonly [path: string, instead: string])[]): Uint8Array {
  const clean = (text: string): string => paths.reduce((so, [path, instead]) => so.replaceAll(path, instead), text);
  const message = fromBinary(REQUEST[signal], body);
  visit(message, clean);
  return toBinary(REQUEST[signal], message);
}

function visit(node: unknown, clean: (text: string) => string): void {
  if (typeof node !== "object" || node === null || node instanceof Uint8Array) return;
  const object = node as Record<string, unknown>;
  const fiction = typeof object["key"] === "string" ? FICTION[object["key"]] : undefined;
  if (fiction !== undefined) object["value"] = { $typeName: "AnyValue", value: { case: "stringValue", value: fiction } };
  for (const [name, value] of Object.entries(object)) {
    if (name.startsWith("$")) continue;
    if (typeof value === "string") object[name] = clean(value);
    else if (Array.isArray(value)) for (const one of value) visit(one, clean);
    else visit(value, clean);
  }
}
