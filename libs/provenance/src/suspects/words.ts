/** Words of symbols, requirements and code, made comparable: `orderTotals`, `order_total` and "totals" meet in "total". */

const STOP = new Set(
  "the and for that this with when then shall must should will system from into not has have are was were been being its their there than only never always each every any all one which while where what who how why after before within until does done able ensure user return span spans attribute attributes name double int integer string bool status event value values http https post get put patch delete head true false null undefined const let var function async await new export import default class error errors type typeof require eventually cannot could read reading properties property object service number greater less equal least most seconds second minutes milliseconds unset server client internal".split(" "),
);

const SUFFIXES = ["izations", "ization", "ations", "ation", "ments", "ment", "ings", "ing", "ities", "ity", "ness", "ers", "ied", "ies", "ions", "ion", "ed", "er", "es", "s", "e"];

/** Distinct stems of three letters or more, without words that say nothing. */
export function stems(text: string): string[] {
  return [...stemsOf(text).keys()];
}

/** The same, each with the first word that has it. */
export function stemsOf(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const part of text.slice(0, 4000).split(/[^\p{L}\p{N}]+/u)) {
    for (const word of part.split(/(?<=[\p{Ll}\p{N}])(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/u)) {
      const lower = word.toLowerCase();
      if (lower.length < 3 || STOP.has(lower) || /^\d+$/.test(lower)) continue;
      const short = stem(lower);
      if (!found.has(short)) found.set(short, lower);
    }
  }
  return found;
}

/** Light: it only has to bring the forms of a word together, the same way on both sides. */
export function stem(word: string): string {
  const suffix = SUFFIXES.find((one) => word.endsWith(one) && word.length - one.length >= 4);
  const base = suffix === undefined ? word : word.slice(0, -suffix.length);
  return base.length > 4 ? base.replace(/([^aeiouls])\1$/, "$1").replace(/[iy]$/, "") : base;
}
