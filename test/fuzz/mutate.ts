import type { Random } from "../random.ts";
import { varint } from "../corpus/wire.ts";
import { clone, FIXED32, FIXED64, LEN, message, messageOf, nodesOf, value, VARINT, type Node } from "./tree.ts";

/** Changes that know what protobuf and OTLP are. Each says what it did by its name. */
type Mutation = (context: Context) => void;

interface Context {
  readonly random: Random;
  readonly signal: "traces" | "logs";
  readonly nowMs: number;
  readonly root: Node;
  readonly node: Node;
  readonly parent: Node;
  /** Any request, to take parts from. */
  readonly other: () => Node;
}

const BOUNDARIES = [0n, 1n, 2n, 127n, 128n, 255n, 16_384n, 2n ** 31n - 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 53n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n];
const TEXTS: readonly (() => Uint8Array)[] = [
  () => new Uint8Array(),
  () => Uint8Array.of(0xff),
  () => Uint8Array.of(0xc0, 0x80),
  () => Uint8Array.of(0xed, 0xa0, 0x80),
  () => Uint8Array.of(0x61, 0xe2, 0x82),
  () => Uint8Array.of(0xf4, 0x90, 0x80, 0x80),
  () => Uint8Array.of(0xef, 0xbb, 0xbf, 0x61),
  () => Buffer.from("\0"),
  () => Buffer.from("'); DROP TABLE spans; --\\"),
  () => Buffer.from('{"a":1}\n\t"\u2028\u{1f600}'),
  () => Buffer.from("exception"),
  () => Buffer.alloc(70_000, "x"),
];
const LONG_KEYS = ["", "service.name", "exception.type", "exception.message", "exception.stacktrace", "vcs.ref.head.revision", "deployment.environment.name"];
const DEEP = [1, 2, 15, 16, 17, 40, 900];
/** What is repeated hundreds of times is small. */
const NODES_REPEATED_MAX = 40;
const MANY = [2, 16, 255, 256, 257, 400];

const MUTATIONS: Readonly<Record<string, Mutation>> = {
  drop: ({ node, parent }) => replace(parent, node),
  repeat: ({ node, parent, random }) => parent.fields?.splice(random.below(parent.fields.length + 1), 0, clone(node)),
  swap: ({ node, parent, random }) => {
    const fields = parent.fields ?? [];
    const other = random.below(fields.length);
    fields[fields.indexOf(node)] = fields[other] as Node;
    fields[other] = node;
  },
  move: ({ node, parent, root, random }) => {
    replace(parent, node);
    const messages = nodesOf(root).filter((one) => one.node.fields !== null);
    (messages.length === 0 ? root : random.pick(messages).node).fields?.push(node);
  },
  splice: ({ parent, random, other }) => void parent.fields?.push(clone(random.pick(nodesOf(other())).node)),
  becomeOther: ({ node, parent, random, other }) => replace(parent, node, { ...clone(random.pick(nodesOf(other())).node), number: node.number }),
  number: ({ node, random }) => void (node.number = random.pick([node.number + 1, 1, 2, 3, 5, 6, 7, 9, 11, 15, 16, 31, 32, 1000, 1001, 536_870_911])),
  wire: ({ node, random }) => {
    flatten(node);
    node.wire = random.pick([VARINT, FIXED64, LEN, 3, 4, FIXED32, 6, 7]);
  },
  retype: ({ node, random }) => {
    const wire = random.pick([VARINT, FIXED64, LEN, FIXED32]);
    Object.assign(node, value(node.number, wire, random.pick([() => bytes(random, wire === FIXED64 ? 8 : wire === FIXED32 ? 4 : random.below(20)), () => Uint8Array.from(varint(random.below(1000)))])()));
    if (wire === VARINT) node.bytes = Uint8Array.from(varint(random.below(100_000)));
  },
  boundary: ({ node, random }) => {
    const number = random.pick(BOUNDARIES);
    if (node.wire === VARINT) node.bytes = bigVarint(number);
    else if (node.wire === FIXED64) node.bytes = fixed64(number);
  },
  overlong: ({ node, random }) => {
    if (node.wire === VARINT) node.bytes = random.pick([Uint8Array.of(0x80, 0), Uint8Array.of(0x81, 0x80, 0x80, 0), Buffer.concat([Buffer.alloc(9, 0x80), Uint8Array.of(1)]), Buffer.concat([Buffer.alloc(9, 0xff), Uint8Array.of(2)]), Buffer.concat([Buffer.alloc(9, 0x80), Uint8Array.of(0)]), Buffer.concat([Buffer.alloc(10, 0x80), Uint8Array.of(1)])]);
  },
  double: ({ node, random }) => {
    if (node.wire !== FIXED64) return;
    const out = Buffer.alloc(8);
    out.writeDoubleLE(random.pick([0, -0, NaN, Infinity, -Infinity, 5e-324, 1.7976931348623157e308, 0.1]));
    node.bytes = out;
  },
  time: ({ node, random, nowMs }) => {
    if (node.wire === FIXED64) node.bytes = fixed64(BigInt(nowMs + random.pick([-8, -7, -1, 0, 1]) * 86_400_000 + random.below(10_000_000)) * 1_000_000n);
  },
  text: ({ node, random }) => {
    if (node.wire === LEN) Object.assign(node, value(node.number, LEN, random.pick(TEXTS)()));
  },
  cut: ({ node, random }) => {
    flatten(node);
    node.bytes = node.bytes.subarray(0, random.below(node.bytes.length + 1));
  },
  noise: ({ node, random }) => {
    flatten(node);
    node.bytes = bytes(random, random.below(40));
  },
  flip: ({ node, random }) => {
    flatten(node);
    node.bytes = flipped(node.bytes, random);
  },
  unknown: ({ parent, random }) => {
    const wire = random.pick([VARINT, FIXED64, LEN, FIXED32, 3, 4]);
    parent.fields?.splice(random.below(parent.fields.length + 1), 0, value(random.pick([4, 12, 17, 20, 31, 33, 1001, 70_000]), wire, wire === VARINT ? Uint8Array.of(1) : wire === FIXED64 ? Buffer.alloc(8) : wire === FIXED32 ? Buffer.alloc(4) : wire === LEN ? bytes(random, 9) : new Uint8Array()));
  },
  oneofs: ({ root, random, other }) => {
    const any = nodesOf(root).filter(({ node }) => node.kind === "any");
    const more = nodesOf(other()).filter(({ parent }) => parent.kind === "any");
    if (any.length > 0 && more.length > 0) for (let count = 1 + random.below(3); count > 0; count--) random.pick(any).node.fields?.push(clone(random.pick(more).node));
  },
  jsonField: ({ root, random }) => {
    const any = nodesOf(root).filter(({ node }) => node.kind === "any");
    if (any.length > 0) random.pick(any).node.fields?.push(value(1001, LEN, Buffer.from(random.pick(['{"a":1}', "not json", ""]))));
  },
  deep: ({ root, random }) => {
    const any = nodesOf(root).filter(({ node }) => node.kind === "any");
    if (any.length === 0) return;
    const target = random.pick(any).node;
    for (let depth = random.pick(DEEP); depth > 0; depth--) {
      const inner = message(1, "any", target.fields ?? []);
      target.fields = [depth % 2 === 0 ? message(5, "array", [inner]) : message(6, "list", [message(1, "attribute", [value(1, LEN, Buffer.from("k")), { ...inner, number: 2 }])])];
    }
  },
  many: ({ node, parent, random }) => {
    const count = random.pick(MANY);
    if (nodesOf(node).length < NODES_REPEATED_MAX && node.bytes.length < 2000) for (let times = 0; times < count; times++) parent.fields?.push(clone(node));
  },
  key: ({ root, random }) => {
    const keys = nodesOf(root).filter(({ node, parent }) => parent.kind === "attribute" && node.number === 1);
    if (keys.length > 0) random.pick(keys).node.bytes = Buffer.from(random.pick(LONG_KEYS));
  },
  empty: ({ root, random, signal }) => {
    const kinds = nodesOf(root).filter(({ node }) => node.fields !== null);
    if (kinds.length === 0) return;
    const { node } = random.pick(kinds);
    const number = random.pick([1, 2, 3, 5, 6, 9, 11, 13, 15]);
    for (let count = 1 + random.below(50); count > 0; count--) node.fields?.push(message(number, messageOf(signal, node.kind, number) ?? "value", []));
  },
};
const NAMES = Object.keys(MUTATIONS);

/** Changes the tree in place and says how. */
export function mutateTree(root: Node, { signal, nowMs, random, other }: Pick<Context, "signal" | "nowMs" | "random" | "other">): string[] {
  const done: string[] = [];
  for (let count = random.below(4); count > 0; count--) {
    const nodes = nodesOf(root);
    if (nodes.length === 0) break;
    // Nodes near the root are few and matter most.
    const { node, parent } = random.below(4) === 0 ? (nodes[random.below(Math.min(8, nodes.length))] as (typeof nodes)[number]) : random.pick(nodes);
    const name = random.pick(NAMES);
    MUTATIONS[name]?.({ random, signal, nowMs, root, node, parent, other });
    done.push(name);
  }
  return done;
}

const BYTE_MUTATIONS: Readonly<Record<string, (body: Uint8Array, random: Random) => Uint8Array>> = {
  flipBytes: flipped,
  truncate: (body, random) => body.subarray(0, random.below(body.length + 1)),
  insert: (body, random) => {
    const at = random.below(body.length + 1);
    return Buffer.concat([body.subarray(0, at), bytes(random, 1 + random.below(8)), body.subarray(at)]);
  },
  remove: (body, random) => {
    const at = random.below(body.length + 1);
    return Buffer.concat([body.subarray(0, at), body.subarray(at + 1 + random.below(8))]);
  },
  twice: (body) => Buffer.concat([body, body]),
  append: (body, random) => Buffer.concat([body, bytes(random, 1 + random.below(16))]),
  random: (_, random) => bytes(random, random.below(300)),
};
const BYTE_NAMES = Object.keys(BYTE_MUTATIONS);

/** Changes that know nothing. */
export function mutateBytes(body: Uint8Array, random: Random): { readonly body: Uint8Array; readonly name: string } {
  const name = random.pick(BYTE_NAMES);
  return { body: BYTE_MUTATIONS[name]?.(body, random) ?? body, name };
}

export function bytes(random: Random, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => random.below(256));
}

function flipped(body: Uint8Array, random: Random): Uint8Array {
  const out = Uint8Array.from(body);
  for (let count = 1 + random.below(3); count > 0 && out.length > 0; count--) {
    const at = random.below(out.length);
    out[at] = (out[at] ?? 0) ^ (1 << random.below(8));
  }
  return out;
}

function replace(parent: Node, node: Node, ...by: readonly Node[]): void {
  const at = parent.fields?.indexOf(node) ?? -1;
  if (at >= 0) parent.fields?.splice(at, 1, ...by);
}

/** Makes a message a value, so that its bytes can be broken. */
function flatten(node: Node): void {
  if (node.fields === null) return;
  node.bytes = Buffer.concat(node.fields.map((field) => Buffer.concat([Uint8Array.from(field.wire === LEN ? [...varint(field.number * 8 + LEN), ...varint(field.bytes.length)] : varint(field.number * 8 + field.wire)), field.bytes])));
  node.fields = null;
}

function fixed64(number: bigint): Uint8Array {
  const out = Buffer.alloc(8);
  out.writeBigUInt64LE(BigInt.asUintN(64, number));
  return out;
}

function bigVarint(number: bigint): Uint8Array {
  const out: number[] = [];
  let rest = number;
  for (; rest > 127n; rest >>= 7n) out.push(Number(rest & 127n) | 0x80);
  return Uint8Array.from([...out, Number(rest)]);
}
