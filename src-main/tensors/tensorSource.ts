import { isPlain } from '../contract/checkpoint.ts';
import type { PlainDtype, TensorInfo } from '../contract/checkpoint.ts';
import { PolarimeterError } from '../contract/errors.ts';

/** A matrix on disk: rows x cols elements, row-major, little-endian, without gaps, from `offset`. */
export interface TensorSource {
  readonly name: string;
  /** Absolute path of the file. */
  readonly path: string;
  /** First byte in the file. */
  readonly offset: number;
  readonly dtype: PlainDtype;
  readonly rows: number;
  readonly cols: number;
}

/**
 * A tensor of a checkpoint as the matrix that operations see: 0-D is 1 x 1, 1-D is 1 x n, more than two dimensions are
 * first x product of the rest.
 * Fails with `invalid-argument` for a dtype that cannot be computed with.
 */
export function tensorSource(tensor: TensorInfo): TensorSource {
  const { name, dtype, shape, file, offset } = tensor;
  if (!isPlain(dtype)) {
    throw new PolarimeterError('invalid-argument', `${dtype} tensors are listed but not computed with`, name);
  }
  const [first = 1, ...rest] = shape.length < 2 ? [1, ...shape] : shape;
  return {
    name,
    path: file,
    offset,
    dtype,
    rows: first,
    cols: rest.reduce((product, size) => product * size, 1),
  };
}
