/**
 * What the generator varies within texts and numbers, and among how many values. New values are as long as the recorded
 * ones, so that messages keep their shape. The same recorded value becomes the same new one throughout its trace.
 */
export interface TextRule {
  /** The first group, or the whole match, is what varies. */
  readonly pattern: RegExp;
  readonly alphabet: string;
  /** How many values there are; Infinity for a new one in every trace. */
  readonly cardinality: number;
}

const HEX = "0123456789abcdef";
const DIGITS = "0123456789";

export const TEXT_RULES: readonly TextRule[] = [
  // Order ids and the like: all of them differ. The dashes and the version of a UUID stay.
  { pattern: /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/g, alphabet: HEX, cardinality: Infinity },
  { pattern: /tok_([0-9a-z]{8})/g, alphabet: "0123456789abcdefghijklmnopqrstuvwxyz", cardinality: Infinity },
  { pattern: /customer(\d+)@/g, alphabet: DIGITS, cardinality: 20_000 },
  { pattern: /sku-(\d{4})/g, alphabet: DIGITS, cardinality: 400 },
];

/** Instances of a service: what varies among its resources. */
export const INSTANCES = 8;

/** Whole numbers that vary with what customers do, around their recorded value. */
export const NUMBER_KEYS = /(?:amount|total|subtotal|discount|size|length|port)$/;

/** Share of its value by which such a number may differ. */
export const NUMBER_SPREAD = 0.5;
