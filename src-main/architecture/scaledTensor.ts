import type { ModelConfig, TensorInfo } from '../contract/checkpoint.ts';
import { isComputable } from '../contract/checkpoint.ts';
import { quoteName } from '../checkpoint/quoteName.ts';
import { elementCount } from './sliceTensor.ts';

type Block = NonNullable<ModelConfig['scaleBlock']>;

/** The power of two that cuts `size` into `count` blocks, the last one perhaps shorter; null where none does. */
function blockLength(size: number, count: number): number | null {
  if (count === 1) return size;
  for (let length = 1; length < size; length *= 2) {
    if (Math.ceil(size / length) === count) return length;
  }
  return null;
}

const isGridOf = (shape: readonly number[], block: Block, grid: readonly number[]): boolean =>
  grid.every((count, axis) => Math.ceil((shape[axis] ?? 0) / (block[axis] ?? 1)) === count);

/**
 * How much of a matrix shares one scale: all of it, a row, the declared blocks, or without a declaration blocks whose sides
 * are powers of two (128 x 128 in DeepSeek-V3, arXiv 2412.19437, section 3.3.2).
 */
function blockOf(shape: readonly number[], scale: readonly number[], declared: Block | null): Block | null {
  const [rows = 0, cols = 0] = shape;
  if (scale.length < 2 && elementCount(scale) === 1) return [rows, cols];
  if (scale.length > 2) return null;
  const [down = 0, across = 1] = scale;
  if (declared && isGridOf(shape, declared, [down, across])) return declared;
  if (down === rows && across === 1) return [1, cols];
  if (declared) return null;
  const [tall, wide] = [blockLength(rows, down), blockLength(cols, across)];
  return tall === null || wide === null ? null : [tall, wide];
}

/**
 * A matrix of small floats together with its scale: element times scale of its block. Where the scale is of a type or shape
 * that cannot be used, the matrix is opaque with that reason.
 * @param declared rows and columns that share a scale, as config.json has them
 */
export function scaledTensor(weight: TensorInfo, scale: TensorInfo, declared: Block | null): TensorInfo {
  const dtype = `${weight.dtype} scaled`;
  const opaque = (why: string): TensorInfo => ({
    ...weight,
    opaque: `${weight.dtype}, its scale ${quoteName(scale.name)} ${why}`,
  });
  if (weight.shape.length !== 2) return opaque('is not that of a matrix');
  if (!isComputable(scale)) return opaque(`is of type ${scale.dtype}`);
  const block = blockOf(weight.shape, scale.shape, declared);
  if (block === null) {
    const shapes = `of shape [${scale.shape.join(', ')}] does not fit [${weight.shape.join(', ')}]`;
    return opaque(
      declared ? `${shapes} in blocks of ${String(declared[0])} x ${String(declared[1])}` : shapes,
    );
  }
  const grid = weight.shape.map((size, axis) => Math.ceil(size / (block[axis] ?? 1)));
  return {
    ...weight,
    dtype,
    bytes: weight.bytes + scale.bytes,
    derived: { kind: 'scaled', of: weight, scale: { ...scale, shape: grid }, block },
  };
}
