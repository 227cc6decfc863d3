import { directionCount } from '../directions.ts';
import { matrixBytes, type EditFormula } from './EditContext.ts';
import { otherMatrix } from './otherMatrix.ts';
import { composed, smallerSide, tripletsBytes } from './triplets.ts';

/** B + alpha (T - B)_k with alpha = 1, or so that the norm is that of T - B (arXiv 2510.00553). */
export const truncateUpdate: EditFormula<'truncate-update'> = {
  async apply(context, tensor, step) {
    const { dense, options } = context;
    const { since, rank, norm } = step.edit;
    using base = await otherMatrix(context, step, since);
    await dense.add(tensor, -1, base, options);
    const whole = await dense.norm(tensor, options);
    // Without an update there are no directions, and nothing that could be scaled.
    if (whole === 0) {
      await dense.setRows(tensor, 0, base, options);
      return;
    }
    using leading = await dense.svd(
      tensor,
      [{ from: 0, to: directionCount(rank, smallerSide(tensor)) }],
      options,
    );
    const kept = Math.hypot(...leading.sigma);
    const alpha = norm === 'restored' ? whole / kept : 1;
    using part = await composed(
      context,
      leading,
      leading.sigma.map((value) => alpha * value),
    );
    await dense.setRows(tensor, 0, base, options);
    await dense.add(tensor, 1, part, options);
  },
  workspace(shape, { edit }, dense) {
    const count = directionCount(edit.rank, smallerSide(shape));
    return matrixBytes(shape.rows, shape.cols) + tripletsBytes(shape, count, dense);
  },
};
