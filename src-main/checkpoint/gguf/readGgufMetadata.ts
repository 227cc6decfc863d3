import { quoteName } from '../quoteName.ts';
import type { GgufCursor } from './GgufCursor.ts';

/** An array: how long it is, and its numbers where they are few and whole. Tokenizers are passed over. */
export interface GgufArray {
  readonly length: number;
  readonly numbers: readonly number[] | null;
}

/** A metadata value; null where it is too long or too large to be kept. */
export type GgufValue = number | boolean | string | GgufArray | null;

export type GgufMetadata = ReadonlyMap<string, GgufValue>;

const MOST_KEYS = 10_000;
const LONGEST_KEY = 1024;
const LONGEST_TEXT = 1024;
/** Enough for one number per layer. */
const MOST_NUMBERS = 512;
const DEEPEST = 8;
/** The key's length, one byte of it, its type and one byte of value. */
const LEAST_BYTES_PER_KEY = 14;

const BOOL = 7;
const TEXT = 8;
const ARRAY = 9;

interface Scalar {
  readonly bytes: number;
  readonly isWhole: boolean;
  readonly read: (window: Buffer, at: number) => number;
}

const scalar = (bytes: number, read: Scalar['read'], isWhole = true): Scalar => ({ bytes, isWhole, read });

const SCALARS: ReadonlyMap<number, Scalar> = new Map([
  [0, scalar(1, (window, at) => window.readUInt8(at))],
  [1, scalar(1, (window, at) => window.readInt8(at))],
  [2, scalar(2, (window, at) => window.readUInt16LE(at))],
  [3, scalar(2, (window, at) => window.readInt16LE(at))],
  [4, scalar(4, (window, at) => window.readUInt32LE(at))],
  [5, scalar(4, (window, at) => window.readInt32LE(at))],
  [6, scalar(4, (window, at) => window.readFloatLE(at), false)],
  [BOOL, scalar(1, (window, at) => window.readUInt8(at), false)],
  [10, scalar(8, (window, at) => Number(window.readBigUInt64LE(at)))],
  [11, scalar(8, (window, at) => Number(window.readBigInt64LE(at)))],
  [12, scalar(8, (window, at) => window.readDoubleLE(at), false)],
]);

function scalarOf(cursor: GgufCursor, type: number): Scalar {
  const found = SCALARS.get(type);
  if (!found) throw cursor.damaged(`has the unknown value type ${String(type)}`);
  return found;
}

function readArray(cursor: GgufCursor, depth: number): GgufArray {
  if (depth > DEEPEST) throw cursor.damaged(`is nested deeper than ${String(DEEPEST)}`);
  const type = cursor.u32();
  const length = cursor.u64();
  if (type === ARRAY || type === TEXT) {
    // Each item takes at least its own length, so a false count runs into the end of the file.
    for (let i = 0; i < length; i += 1) {
      if (type === ARRAY) readArray(cursor, depth + 1);
      else cursor.skip(cursor.u64());
    }
    return { length, numbers: null };
  }
  const { bytes, isWhole, read } = scalarOf(cursor, type);
  if (!isWhole || length > MOST_NUMBERS || depth > 1) {
    cursor.skip(length * bytes);
    return { length, numbers: null };
  }
  return { length, numbers: Array.from({ length }, () => cursor.scalar(bytes, read)) };
}

function readText(cursor: GgufCursor): string | null {
  const length = cursor.u64();
  if (length <= LONGEST_TEXT) return cursor.textOf(length);
  cursor.skip(length);
  return null;
}

function readValue(cursor: GgufCursor): GgufValue {
  const type = cursor.u32();
  if (type === ARRAY) return readArray(cursor, 1);
  if (type === TEXT) return readText(cursor);
  const { bytes, isWhole, read } = scalarOf(cursor, type);
  const value = cursor.scalar(bytes, read);
  if (type === BOOL) {
    if (value > 1) throw cursor.damaged(`is a truth value of ${String(value)}`);
    return value === 1;
  }
  return isWhole && !Number.isSafeInteger(value) ? null : value;
}

/**
 * Reads `count` metadata entries. Numbers, truth values, short texts and short arrays of whole numbers are kept.
 * Fails with gguf-damaged, also for equal keys.
 */
export function readGgufMetadata(cursor: GgufCursor, count: number): GgufMetadata {
  const metadata = new Map<string, GgufValue>();
  cursor.reading = 'the header';
  if (count > MOST_KEYS)
    throw cursor.damaged(
      `claims ${String(count)} metadata entries, at most ${String(MOST_KEYS)} are allowed`,
    );
  if (count * LEAST_BYTES_PER_KEY > cursor.size)
    throw cursor.damaged(`claims ${String(count)} metadata entries, more than the file can hold`);
  for (let i = 0; i < count; i += 1) {
    cursor.reading = `metadata key ${String(i + 1)} of ${String(count)}`;
    const key = cursor.text(LONGEST_KEY);
    if (key === '') throw cursor.damaged('is empty');
    cursor.reading = `metadata ${quoteName(key)}`;
    if (metadata.has(key)) throw cursor.damaged('is there twice');
    metadata.set(key, readValue(cursor));
  }
  return metadata;
}

/** A metadata value that is a positive whole number; null otherwise. Of an array, the number that all its items share. */
export function positiveCount(metadata: GgufMetadata, key: string): number | null {
  const value = metadata.get(key);
  const isArray = typeof value === 'object' && value !== null;
  const numbers = isArray ? (value.numbers ?? []) : [value];
  const [first] = numbers;
  const isShared = typeof first === 'number' && numbers.every((each) => each === first);
  return isShared && Number.isSafeInteger(first) && first > 0 ? first : null;
}
