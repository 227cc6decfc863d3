import { must } from '../../base/assert.ts';
import type { DenseMatrix, Triplets } from '../../kernels/DenseMatrix.ts';
import { directionRanges, rangeCount } from '../directions.ts';
import { matrixBytes, type EditContext, type EditFormula, type Shape, type StepOf } from './EditContext.ts';
import { otherMatrix } from './otherMatrix.ts';
import { addTriplets, basesBytes, composed, smallerSide, tripletsBytes } from './triplets.ts';

type Restore = StepOf<'restore'>;

/** The chosen triplets of the donor. Dispose them. */
async function donorTriplets(context: EditContext, step: Restore, ranges: readonly Triplets[]) {
  using donor = await otherMatrix(context, step, step.edit.from);
  return await context.dense.svd(donor, ranges, context.options);
}

/** T - T_R + U_b diag(S) V_b^T: whole triplets of one matrix move together, so that their signs do not matter. */
async function swapTriplets(
  context: EditContext,
  tensor: DenseMatrix,
  step: Restore,
  ranges: readonly Triplets[],
): Promise<void> {
  const { dense, options } = context;
  let values: Float64Array;
  {
    using own = await dense.svd(tensor, ranges, options);
    values = own.sigma;
    await addTriplets(context, tensor, -1, { ...own, values });
  }
  using donor = await donorTriplets(context, step, ranges);
  const wanted = step.edit.values === 'donor' ? donor.sigma : values;
  await addTriplets(context, tensor, 1, { ...donor, values: wanted });
}

/** T + U_t diag(S_b - S_t) V_t^T */
async function restoreValues(
  context: EditContext,
  tensor: DenseMatrix,
  step: Restore,
  ranges: readonly Triplets[],
): Promise<void> {
  using own = await context.dense.svd(tensor, ranges, context.options);
  using donor = await donorTriplets(context, step, ranges);
  const values = donor.sigma.map((value, i) => value - must(own.sigma[i], 'sigma'));
  await addTriplets(context, tensor, 1, { ...own, values });
}

/** Columns of the chosen triplets overwritten by those of the donor. */
async function overwrite(
  { dense, options }: EditContext,
  basis: DenseMatrix,
  donor: DenseMatrix,
  ranges: readonly Triplets[],
): Promise<void> {
  let at = 0;
  for (const { from, to } of ranges) {
    using part = await dense.columnRange(donor, at, at + to - from, options);
    await dense.setColumns(basis, from, part, options);
    at += to - from;
  }
}

function mixedValues(own: Float64Array, donor: Float64Array, ranges: readonly Triplets[]): Float64Array {
  const mixed = Float64Array.from(own);
  let at = 0;
  for (const { from, to } of ranges) {
    mixed.set(donor.subarray(at, at + to - from), from);
    at += to - from;
  }
  return mixed;
}

/** polar(U) diag(S) polar(V)^T with mixed U, S and V: the singular values are S. */
async function orthonormalMix(
  context: EditContext,
  tensor: DenseMatrix,
  step: Restore,
  ranges: readonly Triplets[],
): Promise<void> {
  const { dense, options } = context;
  using own = await dense.svd(tensor, [{ from: 0, to: smallerSide(tensor) }], options);
  let { sigma } = own;
  {
    using donor = await donorTriplets(context, step, ranges);
    if (step.edit.values === 'donor') sigma = mixedValues(sigma, donor.sigma, ranges);
    await overwrite(context, own.left, donor.left, ranges);
    await overwrite(context, own.right, donor.right, ranges);
  }
  using left = await dense.polar(own.left, options);
  using right = await dense.polar(own.right, options);
  using mixed = await composed(context, { left, right }, sigma);
  await dense.setRows(tensor, 0, mixed, options);
}

function orthonormalBytes(shape: Shape, count: number, dense: EditContext['dense']): number {
  const { rows, cols } = shape;
  const d = smallerSide(shape);
  const polar = Math.max(dense.svdBytes(rows, d, d), dense.svdBytes(cols, d, d));
  const donor = matrixBytes(rows, cols) + dense.svdBytes(rows, cols, count);
  const bases = basesBytes(shape, d);
  return Math.max(
    dense.svdBytes(rows, cols, d),
    bases + donor,
    2 * bases + polar,
    2 * bases + matrixBytes(rows, cols),
  );
}

/** Singular directions of a donor. Methods: arXiv 2509.12235, `svd_recover.py`, and its variants; see contract/recipe.ts. */
export const restore: EditFormula<'restore'> = {
  async apply(context, tensor, step) {
    const { vectors, variant } = step.edit;
    const ranges = directionRanges(step.edit, smallerSide(tensor));
    if (vectors === 'target') await restoreValues(context, tensor, step, ranges);
    else if (variant === 'orthonormal') await orthonormalMix(context, tensor, step, ranges);
    else await swapTriplets(context, tensor, step, ranges);
  },
  workspace(shape, { edit }, dense) {
    const count = rangeCount(directionRanges(edit, smallerSide(shape)));
    const donor = matrixBytes(shape.rows, shape.cols) + tripletsBytes(shape, count, dense);
    if (edit.vectors === 'target') return basesBytes(shape, count) + donor;
    return edit.variant === 'orthonormal' ? Math.max(donor, orthonormalBytes(shape, count, dense)) : donor;
  },
};
