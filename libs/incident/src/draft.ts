import type { ErrorDetail } from "./types.ts";

/**
 * A requirement in EARS (unwanted behaviour) for an error that no requirement covers. A draft for a person: it names
 * the condition as far as the runtime told it and leaves the wished response open between answer and refusal.
 */
export function draftRequirement(error: Pick<ErrorDetail, "type" | "message" | "frames">, operation: string): string {
  const place = error.frames.find((frame) => frame.inApp);
  const where = place === undefined ? "" : ` in ${place.function === "" ? place.path || place.file : place.function}`;
  const handled = operation === "" ? "" : `\`${oneLine(operation)}\` is handled and `;
  const trigger = `IF ${handled}${condition(error)}${where}`;
  return `${trigger}, THEN THE system SHALL answer with a defined result or a client error that names the cause, and SHALL NOT fail with ${oneLine(error.type) || "an error"}.`;
}

function condition({ type, message }: Pick<ErrorDetail, "type" | "message">): string {
  const line = oneLine(message);
  const missing = /^Cannot (?:read|set) propert(?:y|ies) of (undefined|null)(?: \((?:reading|setting) '([^']{1,100})'\))?/.exec(line);
  if (missing !== null) return `the value that should hold ${missing[2] === undefined ? "a property" : `\`${missing[2]}\``} is ${missing[1]}`;
  const attribute = /^'?([\w.]{1,100})'? object has no attribute '(\w{1,100})'/.exec(line);
  if (attribute !== null) return `a value of type ${attribute[1]} has no \`${attribute[2]}\``;
  if (type === "KeyError") return `the key ${line} is missing`;
  const call = /^([\w$.]{1,120}) is not a function/.exec(line);
  if (call !== null) return `\`${call[1]}\` cannot be called`;
  return line === "" ? "an unexpected condition arises" : `"${line}" arises`;
}

function oneLine(text: string): string {
  return (text.split("\n", 1)[0] ?? "").trim().slice(0, 200);
}
