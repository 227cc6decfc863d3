import type { DenseKernels, DenseMatrix, DenseSvd } from '../../kernels/DenseMatrix.ts';
import { matrixBytes, type EditContext, type Shape } from './EditContext.ts';

/** The bases of some singular triplets. */
export type Bases = Pick<DenseSvd, 'left' | 'right'>;

/** Bytes of the bases of so many triplets. */
export const basesBytes = ({ rows, cols }: Shape, count: number): number => matrixBytes(rows + cols, count);

/** left diag(values) right^T; the left basis is scaled for it and of no further use. */
export async function composed(
  { dense, options }: EditContext,
  { left, right }: Bases,
  values: Float64Array,
): Promise<DenseMatrix> {
  await dense.scaleColumns(left, values, options);
  return await dense.multiply(left, right, { b: true }, options);
}

/** A += factor left diag(values) right^T */
export async function addTriplets(
  context: EditContext,
  tensor: DenseMatrix,
  factor: number,
  { values, ...bases }: Bases & { readonly values: Float64Array },
): Promise<void> {
  using part = await composed(context, bases, values);
  await context.dense.add(tensor, factor, part, context.options);
}

/** Bytes of decomposing a matrix that is there, and of adding the triplets to another one afterwards. */
export function tripletsBytes(shape: Shape, count: number, dense: DenseKernels): number {
  const { rows, cols } = shape;
  return Math.max(dense.svdBytes(rows, cols, count), basesBytes(shape, count) + matrixBytes(rows, cols));
}

export const smallerSide = ({ rows, cols }: Shape): number => Math.min(rows, cols);
