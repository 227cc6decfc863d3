import { must } from '../../base/assert.ts';
import { PolarimeterError } from '../../contract/errors.ts';
import type { DenseMatrix, DenseSvd } from '../../kernels/DenseMatrix.ts';
import { matrixBytes, type EditContext, type EditFormula, type StepOf } from './EditContext.ts';
import { otherMatrix } from './otherMatrix.ts';
import { addTriplets, basesBytes, smallerSide } from './triplets.ts';

type Svf = StepOf<'svf'>;
type Expert = Svf['edit']['experts'][number];

/** Columns that are multiplied at a time for the diagonal of a product. */
const BLOCK = 64;

/** u_i^T W v_i */
async function diagonal(context: EditContext, own: DenseSvd, fit: DenseMatrix): Promise<Float64Array> {
  const { dense, options } = context;
  using turned = await dense.multiply(fit, own.right, {}, options);
  const values = new Float64Array(turned.cols);
  for (let from = 0; from < turned.cols; from += BLOCK) {
    const to = Math.min(turned.cols, from + BLOCK);
    using left = await dense.columnRange(own.left, from, to, options);
    using right = await dense.columnRange(turned, from, to, options);
    using block = await dense.multiply(left, right, { a: true }, options);
    const entries = dense.values(block);
    for (let i = from; i < to; i++) values[i] = must(entries[(i - from) * (to - from + 1)], 'diagonal');
  }
  return values;
}

/** The factors of one expert for every direction. */
async function factorsOf(
  context: EditContext,
  step: Svf,
  own: DenseSvd,
  { fit, z }: Expert,
): Promise<Float64Array> {
  if (fit === undefined) {
    const given = typeof z === 'number' ? null : (z ?? []);
    return Float64Array.from(own.sigma, (_, i) => (given ? (given[i] ?? 1) : Number(z)));
  }
  using expert = await otherMatrix(context, step, fit);
  const projected = await diagonal(context, own, expert);
  return projected.map((value, i) => value / must(own.sigma[i], 'sigma'));
}

/** z: the weighted sum over the experts, and 1 where a singular value is so small that it means nothing. */
async function composedFactors(context: EditContext, step: Svf, own: DenseSvd): Promise<Float64Array> {
  const sum = new Float64Array(own.sigma.length);
  for (const expert of step.edit.experts) {
    const factors = await factorsOf(context, step, own, expert);
    factors.forEach((factor, i) => (sum[i] = (sum[i] ?? 0) + expert.weight * factor));
  }
  const least = step.edit.floor * (own.sigma[0] ?? 0);
  return sum.map((factor, i) => {
    const sigma = own.sigma[i] ?? 0;
    return sigma === 0 || sigma < least ? 1 : factor;
  });
}

/** What restores the sum of the singular values. */
function nuclearFactor(sigma: Float64Array, z: Float64Array, { number }: Svf, tensor: string): number {
  const before = sigma.reduce((sum, value) => sum + value, 0);
  const after = sigma.reduce((sum, value, i) => sum + value * (z[i] ?? 1), 0);
  if (before === 0) return 1;
  if (after > 0) return before / after;
  const what = `edit ${String(number)}: the factors leave no positive sum of singular values that could be restored`;
  throw new PolarimeterError('recipe-invalid', what, tensor);
}

/** T + U diag(sigma (f z - 1)) V^T, which is U diag(f z sigma) V^T and leaves alone what z leaves alone (arXiv 2501.06252). */
export const svf: EditFormula<'svf'> = {
  async apply(context, tensor, step) {
    const all = [{ from: 0, to: smallerSide(tensor) }];
    using own = await context.dense.svd(tensor, all, context.options);
    const z = await composedFactors(context, step, own);
    const restored = step.edit.norm === 'nuclear' ? nuclearFactor(own.sigma, z, step, context.tensor) : 1;
    const values = own.sigma.map((sigma, i) => sigma * (restored * must(z[i], 'z') - 1));
    await addTriplets(context, tensor, 1, { ...own, values });
  },
  workspace(shape, { edit }, dense) {
    const { rows, cols } = shape;
    const d = smallerSide(shape);
    const fitted = edit.experts.some(({ fit }) => fit !== undefined);
    const fitting = fitted ? matrixBytes(rows, cols + d + BLOCK) + matrixBytes(rows, BLOCK) : 0;
    const bases = basesBytes(shape, d);
    return Math.max(dense.svdBytes(rows, cols, d), bases + fitting, bases + matrixBytes(rows, cols));
  },
};
