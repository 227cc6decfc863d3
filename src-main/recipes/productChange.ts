import type { DenseMatrix } from '../kernels/DenseMatrix.ts';
import { matrixBytes, type EditContext } from './edits/EditContext.ts';

/** Columns of a product that are computed at a time. */
const WIDTH = 256;

/** The matrix of outputs and that of values of a layer, and along which axes their heads lie. */
export interface HeadPair {
  readonly output: DenseMatrix;
  readonly value: DenseMatrix;
}

export interface HeadAxes {
  readonly output: 'rows' | 'columns';
  readonly value: 'rows' | 'columns';
  readonly size: number;
  /** For each query head, the key/value head that it reads. */
  readonly readers: readonly number[];
}

type Axis = HeadAxes['output'];

async function slice(
  { dense, options }: EditContext,
  a: DenseMatrix,
  axis: Axis,
  range: readonly [number, number],
) {
  const [from, to] = range;
  return axis === 'rows'
    ? await dense.rowRange(a, from, to, options)
    : await dense.columnRange(a, from, to, options);
}

/** Some columns of the product of one query head: W_o[:, head] W_v[its head, from to]. */
async function product(
  context: EditContext,
  { output, value }: HeadPair,
  axes: HeadAxes,
  { head, from, to }: { head: number; from: number; to: number },
): Promise<DenseMatrix> {
  const { size, readers } = axes;
  const reader = readers[head] ?? 0;
  using out = await slice(context, output, axes.output, [head * size, (head + 1) * size]);
  using all = await slice(context, value, axes.value, [reader * size, (reader + 1) * size]);
  using some = await slice(context, all, axes.value === 'rows' ? 'columns' : 'rows', [from, to]);
  const turned = { a: axes.output === 'rows', b: axes.value === 'columns' };
  return await context.dense.multiply(out, some, turned, context.options);
}

/** The largest relative change, in Frobenius norm, of what any head does from values to outputs. */
export async function productChange(
  context: EditContext,
  before: HeadPair,
  after: HeadPair,
  axes: HeadAxes,
): Promise<number> {
  const { dense, options } = context;
  const width = axes.value === 'rows' ? before.value.cols : before.value.rows;
  let worst = 0;
  for (const head of axes.readers.keys()) {
    let [was, change] = [0, 0];
    for (let from = 0; from < width; from += WIDTH) {
      const part = { head, from, to: Math.min(width, from + WIDTH) };
      using old = await product(context, before, axes, part);
      using now = await product(context, after, axes, part);
      was = Math.hypot(was, await dense.norm(old, options));
      await dense.add(now, -1, old, options);
      change = Math.hypot(change, await dense.norm(now, options));
    }
    if (was > 0) worst = Math.max(worst, change / was);
  }
  return worst;
}

/** Bytes of it, besides the four matrices. */
export function productChangeBytes(
  output: { readonly rows: number; readonly cols: number },
  value: { readonly rows: number; readonly cols: number },
  size: number,
): number {
  const side = Math.max(output.rows, output.cols);
  return matrixBytes(side, 2 * WIDTH + size) + matrixBytes(Math.max(value.rows, value.cols) + WIDTH, size);
}
