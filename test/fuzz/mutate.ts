import type { RandomSource } from './RandomSource.ts';

const LONGEST = 1 << 16;
const MOST_CHANGES = 6;
/** Numbers at which arithmetic and comparisons change their mind. */
const EDGES = [
  0n,
  1n,
  7n,
  0x7fn,
  0x80n,
  0xffn,
  0x7fffn,
  0xffffn,
  0x7fffffffn,
  0xffffffffn,
  2n ** 53n,
  2n ** 63n,
  2n ** 64n - 1n,
];
const WIDTHS = [1, 2, 4, 8];
const DIGITS = ['0', '1', '9', '-1', '1e9', '9007199254740992', '4294967296', '0.5'];

interface Mutation {
  readonly random: RandomSource;
  readonly others: readonly Uint8Array[];
  readonly tokens: readonly string[];
}

type Change = (bytes: Buffer, mutation: Mutation) => Buffer;

const replaced = (bytes: Buffer, from: number, to: number, by: Uint8Array): Buffer =>
  Buffer.concat([bytes.subarray(0, from), by, bytes.subarray(to)]);

function range(bytes: Buffer, random: RandomSource): [from: number, to: number] {
  const from = random.below(bytes.length + 1);
  const most = random.below(4) === 0 ? bytes.length - from : Math.min(16, bytes.length - from);
  return [from, from + random.below(most + 1)];
}

function setEdge(bytes: Buffer, { random }: Mutation): Buffer {
  const width = random.pick(WIDTHS);
  const value = Buffer.alloc(8);
  value.writeBigUInt64LE(random.pick(EDGES));
  const at = random.below(bytes.length);
  return replaced(bytes, at, Math.min(bytes.length, at + width), value.subarray(0, width));
}

function flipBit(bytes: Buffer, { random }: Mutation): Buffer {
  const at = random.below(bytes.length);
  return replaced(
    bytes,
    at,
    Math.min(at + 1, bytes.length),
    Buffer.of((bytes[at] ?? 0) ^ (1 << random.below(8))),
  );
}

/** Adds a little to a number of some width, as one does to lie about a length. */
function nudge(bytes: Buffer, { random }: Mutation): Buffer {
  const width = random.pick([1, 2, 4]);
  const at = random.below(bytes.length - width + 1);
  if (at + width > bytes.length) return bytes;
  const out = Buffer.from(bytes);
  const value = out.readUIntLE(at, width) + random.below(65) - 32;
  out.writeUIntLE(Math.max(0, Math.min(2 ** (8 * width) - 1, value)), at, width);
  return out;
}

/** Another number where decimal digits stand. */
function changeDigits(bytes: Buffer, { random }: Mutation): Buffer {
  const places = [...bytes.toString('latin1').matchAll(/\d+/g)];
  if (places.length === 0) return bytes;
  const place = random.pick(places);
  return replaced(bytes, place.index, place.index + place[0].length, Buffer.from(random.pick(DIGITS)));
}

function splice(bytes: Buffer, { random, others }: Mutation): Buffer {
  const other = Buffer.from(random.pick(others));
  return replaced(bytes, ...range(bytes, random), other.subarray(...range(other, random)));
}

function insertToken(bytes: Buffer, { random, tokens }: Mutation): Buffer {
  if (tokens.length === 0) return bytes;
  const token = Buffer.from(random.pick(tokens), 'latin1');
  const at = random.below(bytes.length + 1);
  return replaced(bytes, at, random.below(2) === 0 ? at : Math.min(bytes.length, at + token.length), token);
}

const CHANGES: readonly Change[] = [
  flipBit,
  setEdge,
  nudge,
  changeDigits,
  splice,
  insertToken,
  insertToken,
  (bytes, { random }) => replaced(bytes, ...range(bytes, random), Buffer.of(random.below(256))),
  (bytes, { random }) => replaced(bytes, ...range(bytes, random), Buffer.alloc(0)),
  (bytes, { random }) => {
    const [from, to] = range(bytes, random);
    return replaced(bytes, to, to, bytes.subarray(from, to));
  },
  (bytes, { random }) => bytes.subarray(0, random.below(bytes.length + 1)),
];

/** A changed copy of an input: a few random changes, of at most 64 KiB. */
export function mutate(input: Uint8Array, mutation: Mutation): Buffer {
  let bytes: Buffer = Buffer.from(input);
  for (let left = 1 + mutation.random.below(MOST_CHANGES); left > 0; left--)
    bytes = mutation.random.pick(CHANGES)(bytes, mutation);
  return Buffer.from(bytes.subarray(0, LONGEST));
}
