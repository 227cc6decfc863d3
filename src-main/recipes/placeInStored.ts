import { elementCount } from '../architecture/sliceTensor.ts';
import { must } from '../base/assert.ts';
import { partsOf, type StridedAxis, type TensorInfo } from '../contract/checkpoint.ts';

/** Rows [from, to) of a part, and the element of the whole at which the first begins; the others follow without a gap. */
export interface Run {
  readonly from: number;
  readonly to: number;
  readonly start: number;
}

const firstStored = (tensor: TensorInfo): TensorInfo => {
  const [part] = partsOf(tensor);
  return part ? firstStored(part) : tensor;
};

/** The element of the whole that a contiguous part of it begins at. */
function startOf(part: TensorInfo, whole: TensorInfo): number {
  const [own, all] = [firstStored(part), firstStored(whole)];
  return Math.round(((own.offset - all.offset) / all.bytes) * elementCount(whole.shape));
}

/** Where index i of an axis lies: its digits, the last one fastest, each times its stride. */
function placeOn({ sizes, strides }: StridedAxis, i: number): number {
  let [rest, at] = [i, 0];
  for (let digit = sizes.length - 1; digit >= 0; digit--) {
    const size = must(sizes[digit], 'size');
    at += (rest % size) * must(strides[digit], 'stride');
    rest = Math.floor(rest / size);
  }
  return at;
}

/** Rows and columns of a tensor as operations see it. */
export function matrixShape({ shape }: Pick<TensorInfo, 'shape'>): { rows: number; cols: number } {
  const [rows = 1, ...rest] = shape.length < 2 ? [1, ...shape] : shape;
  return { rows, cols: elementCount(rest) };
}

/**
 * Where the rows of a part lie in the stored tensor that it is a part of; null where the elements of a row are not neighbours there,
 * or the rows of a part that would have to be neighbours are those of a vector in pieces.
 */
export function placeInStored(part: TensorInfo, whole: TensorInfo): Run[] | null {
  const { rows } = matrixShape(part);
  if (part.derived?.kind !== 'strided' || whole.derived?.kind === 'strided')
    return [{ from: 0, to: rows, start: startOf(part, whole) }];
  const { of, start, rows: down, cols: across } = part.derived;
  if (across.sizes.length > 1 || (across.strides[0] !== 1 && across.sizes[0] !== 1)) return null;
  const width = must(across.sizes[0], 'width');
  const first = startOf(of, whole) + start;
  const runs: { from: number; to: number; start: number }[] = [];
  for (let row = 0; row < rows; row++) {
    const at = first + placeOn(down, row);
    const last = runs.at(-1);
    if (last && at === last.start + (row - last.from) * width) last.to = row + 1;
    else runs.push({ from: row, to: row + 1, start: at });
  }
  return runs;
}
