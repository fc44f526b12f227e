/** What a stranger sent must not steer the terminal: control and direction characters are shown as what they are. */
export function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`);
}

/** `3.4 MiB`. */
export function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

/** `1 branch`, `2 branches`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/**
 * JSON that may be shown on a terminal: the same value, with what JSON alone leaves as it is (delete, 8-bit controls, signs
 * that turn the direction) escaped. A count beyond a double's precision is text.
 */
export function jsonText(value: unknown, indent = 2): string {
  const text = JSON.stringify(value, (_key, one: unknown) => (typeof one === "bigint" ? one.toString() : one), indent);
  return text.replace(/[\u007f-\u009f\u2028\u2029\p{Cf}]/gu, (character) => Array.from({ length: character.length }, (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, "0")}`).join(""));
}

/** A text of many lines for whoever reads it: a file has it as it is, and on a terminal nothing in it steers. */
export function steerless(text: string, isTerminal: boolean): string {
  return isTerminal ? text.replace(/(?!\r\n|[\n\t])[\p{Cc}\p{Bidi_Control}]/gu, visible) : text;
}
