import type { TensorInfo } from '../../contract/checkpoint.ts';
import { countElements } from '../checkTensorLayout.ts';
import { fileError } from '../fileErrors.ts';
import { quoteName } from '../quoteName.ts';
import type { TensorRef } from './pickleValues.ts';

/** Where the bytes of a tensor's storage lie. */
export interface Place {
  readonly file: string;
  readonly begin: number;
  readonly bytes: number;
}

/** Whether the elements lie one after the other, row by row. Axes of length one have no step. */
function isRowByRow(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const length = shape[axis] ?? 1;
    if (length !== 1 && strides[axis] !== expected) return false;
    expected *= length;
  }
  return true;
}

function whyOpaque({ shape, strides, opaque }: TensorRef): { opaque?: string } {
  if (opaque !== undefined) return { opaque };
  if (isRowByRow(shape, strides)) return {};
  return { opaque: `stored with strides [${strides.join(', ')}], not row by row` };
}

/**
 * A tensor with its place in the file. One whose elements do not follow each other row by row is opaque; its range is then
 * the smallest one that holds all its elements.
 * Fails with tensor-size-mismatch and tensor-out-of-bounds.
 */
export function placeTensor(name: string, tensor: TensorRef, { file, begin, bytes }: Place): TensorInfo {
  const { storage, dtype, start, shape, strides } = tensor;
  const fail = (code: 'tensor-size-mismatch' | 'tensor-out-of-bounds', what: string): Error =>
    fileError(code, file, `tensor ${quoteName(name)} ${what}`);
  const needed = storage.elements * storage.dtype.bytes;
  if (needed > bytes)
    throw fail(
      'tensor-size-mismatch',
      `has a storage of ${String(needed)} bytes, of which ${String(bytes)} are there`,
    );
  const elements = countElements(shape);
  if (elements === null) throw fail('tensor-size-mismatch', 'has more than 2^53 elements');
  if (start < 0 || strides.some((stride) => stride < 0))
    throw fail('tensor-out-of-bounds', 'has a negative offset or stride');
  const viewBegin = begin + storage.view.start * storage.dtype.bytes;
  const info = { name, dtype: dtype.name, shape: [...shape], file };
  if (elements === 0) return { ...info, offset: viewBegin, bytes: 0 };
  const span = shape.reduce((last, length, axis) => last + (length - 1) * (strides[axis] ?? 0), 0) + 1;
  const has = Math.floor((storage.view.elements * storage.dtype.bytes) / dtype.bytes);
  if (start + span > has) {
    const what = `of shape [${shape.join(', ')}] needs ${String(start + span)} elements of its storage`;
    throw fail('tensor-out-of-bounds', `${what}, which has ${String(has)}`);
  }
  const offset = viewBegin + start * dtype.bytes;
  return { ...info, offset, bytes: span * dtype.bytes, ...whyOpaque(tensor) };
}
