import { FirstfixError } from "@firstfix/kit";

/** A whole number that an option was given. Throws bad_request with what is allowed. */
export function wholeNumber(option: string, text: string, min: number, max: number): number {
  const allowed = { hint: `${option.replace(/^-+/, "")} is a whole number from ${min} to ${max}.` };
  if (!/^-?\d{1,15}$/.test(text)) throw new FirstfixError("bad_request", `${option} ${text} is no whole number`, allowed);
  const number = Number(text);
  if (number < min || number > max) throw new FirstfixError("bad_request", `${option} ${text} is not from ${min} to ${max}`, allowed);
  return number;
}

/** A number from 0 to 1 that an option was given. Throws bad_request with what is allowed. */
export function share(option: string, text: string): number {
  const number = /^-?(?:\d{1,3}(?:\.\d{0,15})?|\.\d{1,15})$/.test(text) ? Number(text) : NaN;
  if (!(number >= 0 && number <= 1)) throw new FirstfixError("bad_request", `${option} ${text} is no number from 0 to 1`, { hint: `Such as ${option} 0.35.` });
  return number;
}
