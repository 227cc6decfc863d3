import { elementCount } from '../architecture/sliceTensor.ts';
import { must } from '../base/assert.ts';
import { partsOf, type StridedAxis, type TensorInfo } from '../contract/checkpoint.ts';

/** Whole rows [from, to) of a part, or of a vector so many of its elements, and where in the whole they begin; they follow without a gap. */
export interface Run {
  readonly of: 'rows' | 'columns';
  readonly from: number;
  readonly to: number;
  readonly start: number;
}

/** Lines of a part that follow each other in the whole, joined. */
function joinedRuns(
  of: Run['of'],
  count: number,
  { placeOfLine, width }: { placeOfLine: (i: number) => number; width: number },
): Run[] {
  const runs: { of: Run['of']; from: number; to: number; start: number }[] = [];
  for (let line = 0; line < count; line++) {
    const at = placeOfLine(line);
    const last = runs.at(-1);
    if (last && at === last.start + (line - last.from) * width) last.to = line + 1;
    else runs.push({ of, from: line, to: line + 1, start: at });
  }
  return runs;
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
 * Where a part lies in the stored tensor that it is a part of; null where its elements lie singly between others.
 */
export function placeInStored(part: TensorInfo, whole: TensorInfo): Run[] | null {
  const { rows, cols } = matrixShape(part);
  if (part.derived?.kind !== 'strided' || whole.derived?.kind === 'strided')
    return [{ of: 'rows', from: 0, to: rows, start: startOf(part, whole) }];
  const { of, start, rows: down, cols: across } = part.derived;
  const first = startOf(of, whole) + start;
  if (rows === 1)
    return joinedRuns('columns', cols, { placeOfLine: (i) => first + placeOn(across, i), width: 1 });
  if (across.sizes.length > 1 || across.strides[0] !== 1) return null;
  return joinedRuns('rows', rows, { placeOfLine: (i) => first + placeOn(down, i), width: cols });
}
