import { countElements } from '../checkTensorLayout.ts';
import { fileError } from '../fileErrors.ts';
import { quoteName } from '../quoteName.ts';
import type { GgmlType } from './ggmlTypes.ts';
import { GGML_TYPES } from './ggmlTypes.ts';
import type { GgufCursor } from './GgufCursor.ts';

/** One tensor as a GGUF file lists it. */
export interface GgufTensor {
  readonly name: string;
  readonly dtype: string;
  /** Row-major: the reverse of the file's order, in which the contiguous dimension comes first. */
  readonly shape: readonly number[];
  /** From the first byte of the data section. */
  readonly offset: number;
  readonly bytes: number;
}

const MOST_TENSORS = 1_000_000;
const MOST_DIMENSIONS = 4;
const LONGEST_NAME = 1024;
/** Length of the name, number of dimensions, type and offset. */
const LEAST_BYTES_PER_TENSOR = 24;
/** Such names would let a file move the cursor of a terminal or reverse the text of a report. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Bidi_Control}]/u;

function readName(cursor: GgufCursor, seen: ReadonlySet<string>): string {
  const name = cursor.text(LONGEST_NAME);
  if (name === '') throw cursor.damaged('has no name');
  cursor.reading = `tensor ${quoteName(name)}`;
  if (UNPRINTABLE.test(name)) throw cursor.damaged('has a name with control characters');
  if (seen.has(name)) throw cursor.damaged('is listed twice');
  return name;
}

function readShape(cursor: GgufCursor): number[] {
  const dimensions = cursor.u32();
  if (dimensions > MOST_DIMENSIONS)
    throw cursor.damaged(
      `has ${String(dimensions)} dimensions, at most ${String(MOST_DIMENSIONS)} are allowed`,
    );
  return Array.from({ length: dimensions }, () => cursor.u64()).reverse();
}

function readType(cursor: GgufCursor, path: string): GgmlType {
  const number = cursor.u32();
  const type = GGML_TYPES.get(number);
  if (type) return type;
  const what = `${cursor.reading} has the ggml type ${String(number)}, whose layout is not known`;
  throw fileError('unsupported-format', path, what);
}

/** Bytes of a tensor; its rows must be whole blocks. */
function byteCount(cursor: GgufCursor, shape: readonly number[], type: GgmlType): number {
  const { name, blockElements, blockBytes } = type;
  const elements = countElements(shape);
  if (elements === null) throw cursor.damaged(`of shape [${shape.join(', ')}] has more than 2^53 elements`);
  const row = shape.at(-1) ?? 1;
  if (row % blockElements !== 0) {
    const what = `has rows of ${String(row)} elements, which are not whole blocks of ${String(blockElements)}`;
    throw cursor.damaged(`of type ${name} ${what}`);
  }
  return (elements / blockElements) * blockBytes;
}

/** Reads `count` tensor entries; ranges are not yet checked. Fails with gguf-damaged or unsupported-format. */
export function readGgufTensors(cursor: GgufCursor, count: number, path: string): GgufTensor[] {
  cursor.reading = 'the header';
  if (count > MOST_TENSORS)
    throw cursor.damaged(`claims ${String(count)} tensors, at most ${String(MOST_TENSORS)} are allowed`);
  if (count * LEAST_BYTES_PER_TENSOR > cursor.size)
    throw cursor.damaged(`claims ${String(count)} tensors, more than the file can hold`);
  const seen = new Set<string>();
  const tensors: GgufTensor[] = [];
  for (let i = 0; i < count; i += 1) {
    cursor.reading = `tensor ${String(i + 1)} of ${String(count)}`;
    const name = readName(cursor, seen);
    const shape = readShape(cursor);
    const type = readType(cursor, path);
    const bytes = byteCount(cursor, shape, type);
    seen.add(name);
    tensors.push({ name, dtype: type.name, shape, offset: cursor.u64(), bytes });
  }
  return tensors;
}
