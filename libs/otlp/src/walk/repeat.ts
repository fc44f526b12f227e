import type { DescMessage } from "@bufbuild/protobuf";
import fc from "fast-check";
import { JSON_VALUE_FIELD } from "../schema.ts";
import { LEN, Wire } from "./wire.ts";

/** Further members of an AnyValue's oneof: text, true, 5, 0.5, [], {} and bytes. */
const MEMBERS: readonly Uint8Array[] = [[0x0a, 1, 0x78], [0x10, 1], [0x18, 5], [0x21, 0, 0, 0, 0, 0, 0, 0xe0, 0x3f], [0x2a, 2, 0x0a, 0], [0x32, 0], [0x3a, 1, 7]].map((bytes) => Uint8Array.from(bytes));

/** Choices for `repeatFields`: a byte each, small ones repeat. Few, so that shrinking finds the field at fault. */
export const choices: fc.Arbitrary<readonly number[]> = fc.array(fc.nat({ max: 255 }), { minLength: 1, maxLength: 60 });

/**
 * The same request as encoders other than the official ones may write it: fields that a message has once come twice,
 * and values hold several members of their oneof. Legal protobuf, where the last counts and messages merge.
 */
export function repeatFields(type: DescMessage, bytes: Uint8Array, choose: () => number): Uint8Array {
  const wire = new Wire(bytes);
  const parts: Uint8Array[] = [];
  while (wire.pos < bytes.length) {
    const at = wire.pos;
    const tag = wire.tag(bytes.length);
    const field = type.fields.find(({ number }) => number === tag >>> 3);
    let part: Uint8Array;
    if (field?.message !== undefined && (tag & 7) === LEN) {
      const stop = wire.stop(LEN, bytes.length);
      part = lengthed(tag, repeatFields(field.message, bytes.subarray(wire.pos, stop), choose));
      wire.pos = stop;
    } else {
      wire.skip(tag & 7, bytes.length);
      part = bytes.subarray(at, wire.pos);
    }
    parts.push(part);
    if (field?.fieldKind !== "list" && choose() < 24) parts.push(part);
  }
  if (type.fields.some(({ number }) => number === JSON_VALUE_FIELD)) for (let choice = choose(); choice < 48; choice = choose()) parts.push(MEMBERS[choice % MEMBERS.length] as Uint8Array);
  return Buffer.concat(parts);
}

/** Takes the choices in turn, ten times over; after that nothing is repeated, so that it ends. */
export function chooser(from: readonly number[]): () => number {
  let at = 0;
  return () => (at >= 10 * from.length ? 255 : (from[at++ % from.length] as number));
}

function lengthed(tag: number, content: Uint8Array): Uint8Array {
  const head: number[] = [];
  for (let number of [tag, content.length]) {
    for (; number > 0x7f; number >>>= 7) head.push((number & 0x7f) | 0x80);
    head.push(number);
  }
  return Buffer.concat([Uint8Array.from(head), content]);
}
