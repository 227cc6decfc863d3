import { DTYPE_BITS } from '../contract/checkpoint.ts';
import type { PolarimeterError } from '../contract/errors.ts';
import { fileError } from './fileErrors.ts';
import type { HeaderEntry } from './parseSafetensorsHeader.ts';
import { quoteName } from './quoteName.ts';

/** The part of a file behind its header. */
export interface DataSection {
  readonly file: string;
  /** Position of its first byte in the file, and its length. */
  readonly start: number;
  readonly length: number;
}

/** Number of elements of a shape; null when it does not fit into 53 bits. */
export function countElements(shape: readonly number[]): number | null {
  const product = shape.reduce((count, size) => count * size, 1);
  const largest = shape.reduce(
    (count, size) => (count > Number.MAX_SAFE_INTEGER ? count : count * (size || 1)),
    1,
  );
  return Number.isSafeInteger(largest) ? product : null;
}

function checkSize({ name, dtype, shape, begin, end }: HeaderEntry, file: string): void {
  const what = `tensor ${quoteName(name)} of shape [${shape.join(', ')}] and type ${dtype}`;
  const mismatch = (why: string): PolarimeterError =>
    fileError('tensor-size-mismatch', file, `${what} ${why}`);
  const elements = countElements(shape);
  if (elements === null) throw mismatch('has more than 2^53 elements');
  const bits = Object.hasOwn(DTYPE_BITS, dtype) ? (DTYPE_BITS[dtype] ?? null) : null;
  const found = end - begin;
  if (bits === null) {
    // The width of an unknown type is unknown, but no type stores more than eight elements in a byte.
    if (elements > found * 8) throw mismatch(`cannot fit into the ${String(found)} bytes of its range`);
  } else if (elements * bits !== found * 8) {
    throw mismatch(`needs ${String((elements * bits) / 8)} bytes, its range holds ${String(found)}`);
  }
}

function checkBounds(entries: readonly HeaderEntry[], { file, start, length }: DataSection): void {
  const first = entries.find(({ end }) => end > length);
  if (!first) return;
  const needed = entries.reduce((most, { end }) => Math.max(most, end), 0);
  const missing = `(${String(needed - length)} bytes missing: incomplete download)`;
  const [ends, has] = [start + first.end, start + length];
  const what = `tensor ${quoteName(first.name)} ends at byte ${String(ends)} of the file, which has ${String(has)} bytes`;
  throw fileError('tensor-out-of-bounds', file, `${what} ${missing}`);
}

function checkCover(sorted: readonly HeaderEntry[], { file, length }: DataSection): void {
  let covered = 0;
  let before: HeaderEntry | null = null;
  for (const entry of sorted) {
    const name = quoteName(entry.name);
    if (entry.begin < covered && before) {
      const what = `tensor ${name} starts at byte ${String(entry.begin)} of the data, inside tensor`;
      const range = `(bytes ${String(before.begin)} to ${String(before.end)})`;
      throw fileError('tensor-overlap', file, `${what} ${quoteName(before.name)} ${range}`);
    }
    if (entry.begin > covered) throw holeError(file, [covered, entry.begin], `before tensor ${name}`);
    covered = entry.end;
    before = entry;
  }
  if (covered < length) throw holeError(file, [covered, length], 'at the end of the file');
}

function holeError(file: string, [from, to]: readonly [number, number], where: string): PolarimeterError {
  const what = `${String(to - from)} bytes of the data (${String(from)} to ${String(to)}), ${where}, belong to no tensor`;
  return fileError('tensor-hole', file, what);
}

/**
 * Entries in the order of their bytes, after checking that each range has the size of its shape and dtype and that
 * together they cover the data section exactly once.
 * Fails with tensor-size-mismatch, tensor-out-of-bounds, tensor-overlap or tensor-hole.
 */
export function checkTensorLayout(entries: readonly HeaderEntry[], section: DataSection): HeaderEntry[] {
  for (const entry of entries) checkSize(entry, section.file);
  checkBounds(entries, section);
  const sorted = [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkCover(sorted, section);
  return sorted;
}
