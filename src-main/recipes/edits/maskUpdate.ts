import type { DenseMask, DenseMatrix } from '../../kernels/DenseMatrix.ts';
import { directionCount } from '../directions.ts';
import { streamSeed } from '../streamSeed.ts';
import { matrixBytes, type EditContext, type EditFormula, type StepOf } from './EditContext.ts';
import { otherMatrix } from './otherMatrix.ts';
import { composed, smallerSide, tripletsBytes } from './triplets.ts';

type MaskUpdate = StepOf<'mask-update'>;

/** What decides where the mask selects, where that is not the base itself. */
async function deciding(
  context: EditContext,
  base: DenseMatrix,
  step: MaskUpdate,
): Promise<DenseMatrix | null> {
  const { mask } = step.edit;
  if (mask.kind === 'changed-by') return await otherMatrix(context, step, mask.by);
  if (mask.kind !== 'principal') return null;
  const count = directionCount(mask.rank, smallerSide(base));
  using leading = await context.dense.svd(base, [{ from: 0, to: count }], context.options);
  return await composed(context, leading, leading.sigma);
}

function maskOf({ edit, stream }: MaskUpdate, base: DenseMatrix, by: DenseMatrix): DenseMask {
  const { mask, complement } = edit;
  switch (mask.kind) {
    case 'changed-by':
      return { kind: 'different', by, with: base, complement };
    case 'principal':
      return { kind: 'largest', by, share: mask.share, complement };
    case 'low-magnitude':
      return { kind: 'smallest', by, share: mask.share, complement };
    case 'random':
      return { kind: 'random', seed: streamSeed(stream, 'mask'), share: mask.share, complement };
  }
}

/** B + M * (T - B): the update where the mask selects, the base elsewhere, both bit for bit. */
export const maskUpdate: EditFormula<'mask-update'> = {
  async apply(context, tensor, step) {
    using base = await otherMatrix(context, step, step.edit.since);
    using by = await deciding(context, base, step);
    await context.dense.keepWhere(tensor, base, maskOf(step, base, by ?? base), context.options);
  },
  workspace(shape, { edit }, dense) {
    const one = matrixBytes(shape.rows, shape.cols);
    if (edit.mask.kind !== 'principal') return edit.mask.kind === 'changed-by' ? 2 * one : one;
    return one + tripletsBytes(shape, directionCount(edit.mask.rank, smallerSide(shape)), dense);
  },
};
