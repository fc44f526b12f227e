import { FIXED32, FIXED64, LEN, readVarint, VARINT, varint, fieldsOf } from "../corpus/wire.ts";

/** A request as a tree that can be changed and written again, right or wrong. */
export interface Node {
  number: number;
  wire: number;
  /** A message's fields; null where `bytes` is the value. */
  fields: Node[] | null;
  /** The value without its length: of a varint its own bytes. */
  bytes: Uint8Array;
  /** Which message it is, or which kind of value. */
  kind: Kind;
}

export type Kind = "request" | "group" | "subgroup" | "resource" | "scope" | "span" | "log" | "attribute" | "any" | "array" | "list" | "event" | "link" | "status" | "value";

/** Which fields are messages; everything else is a value. */
const MESSAGES: Readonly<Partial<Record<Kind, Readonly<Record<number, Kind>>>>> = {
  resource: { 1: "attribute" },
  scope: { 3: "attribute" },
  attribute: { 2: "any" },
  any: { 5: "array", 6: "list" },
  array: { 1: "any" },
  list: { 1: "attribute" },
  span: { 9: "attribute", 11: "event", 13: "link", 15: "status" },
  event: { 3: "attribute" },
  link: { 4: "attribute" },
  log: { 5: "any", 6: "attribute" },
};

const DEPTH_MAX = 30;

export function parseTree(signal: "traces" | "logs", bytes: Uint8Array): Node {
  return { number: 0, wire: LEN, bytes, kind: "request", fields: parse(signal, "request", bytes, 0) };
}

function parse(signal: "traces" | "logs", kind: Kind, bytes: Uint8Array, depth: number): Node[] {
  return fieldsOf(bytes).map(({ number, wire, start, end }) => {
    const value = bytes.subarray(start, end);
    const inner = wire === LEN && depth < DEPTH_MAX ? messageOf(signal, kind, number) : undefined;
    return { number, wire, bytes: value, kind: inner ?? "value", fields: inner === undefined ? null : parse(signal, inner, value, depth + 1) };
  });
}

export function messageOf(signal: "traces" | "logs", kind: Kind, number: number): Kind | undefined {
  if (kind === "request") return number === 1 ? "group" : undefined;
  if (kind === "group") return number === 1 ? "resource" : number === 2 ? "subgroup" : undefined;
  if (kind === "subgroup") return number === 1 ? "scope" : number === 2 ? (signal === "traces" ? "span" : "log") : undefined;
  return MESSAGES[kind]?.[number];
}

/** The bytes of the message, written from its end: a length is known when its content stands. */
export function encodeTree(root: Node): Uint8Array {
  let out = Buffer.allocUnsafe(4096);
  let at = out.length;
  const prepend = (bytes: Uint8Array | number[]): void => {
    if (bytes.length > at) {
      const grown = Buffer.allocUnsafe(2 * (out.length + bytes.length));
      out.copy(grown, grown.length - (out.length - at), at);
      at += grown.length - out.length;
      out = grown;
    }
    at -= bytes.length;
    out.set(bytes, at);
  };
  const write = (node: Node): void => {
    if (node.fields === null) return prepend(node.bytes);
    for (const field of node.fields.toReversed()) {
      const end = out.length - at;
      write(field);
      const length = out.length - at - end;
      prepend(field.wire === LEN ? [...varint(field.number * 8 + LEN), ...varint(length)] : varint(field.number * 8 + field.wire));
    }
  };
  write(root);
  return out.subarray(at);
}

/** Every node below the root, with the message that it is in. */
export function nodesOf(root: Node): { readonly node: Node; readonly parent: Node }[] {
  const all: { node: Node; parent: Node }[] = [];
  const visit = (parent: Node): void => {
    for (const node of parent.fields ?? []) {
      all.push({ node, parent });
      visit(node);
    }
  };
  visit(root);
  return all;
}

export function clone(node: Node): Node {
  return { ...node, fields: node.fields?.map(clone) ?? null };
}

export function value(number: number, wire: number, bytes: Uint8Array): Node {
  return { number, wire, bytes, kind: "value", fields: null };
}

export function message(number: number, kind: Kind, fields: Node[]): Node {
  return { number, wire: LEN, bytes: new Uint8Array(), kind, fields };
}

/** Spans or log records in a request, counted by nothing of Firstfix; null where it is no request. */
export function countRecords(bytes: Uint8Array): number | null {
  try {
    let records = 0;
    for (const group of fieldsOf(bytes)) {
      if (group.number !== 1) continue;
      if (group.wire !== LEN) return null;
      for (const part of fieldsOf(bytes, group.start, group.end)) {
        if (part.number !== 2) continue;
        if (part.wire !== LEN) return null;
        for (const record of fieldsOf(bytes, part.start, part.end)) {
          if (record.number === 2 && record.wire === LEN) records++;
        }
      }
    }
    return records;
  } catch {
    return null;
  }
}

/** A rejected count of partial_success: field 1 of field 1 of the answer. Throws where the bytes are no answer. */
export function rejectedIn(answer: Uint8Array): number {
  let rejected = 0;
  for (const field of fieldsOf(answer)) {
    if (field.number !== 1 || field.wire !== LEN) continue;
    for (const inner of fieldsOf(answer, field.start, field.end)) if (inner.number === 1 && inner.wire === VARINT) rejected = readVarint(answer, inner.start).value;
  }
  return rejected;
}

export { FIXED32, FIXED64, LEN, VARINT };
