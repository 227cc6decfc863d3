import { assert } from '../../base/assert.ts';
import { matrixBytes, type EditFormula } from './EditContext.ts';

/** Blocks of rows or columns in another order: every number stays what it was. */
export const permuteHeads: EditFormula<'permute-heads'> = {
  async apply({ dense, options }, tensor, { move }) {
    assert(move?.kind === 'permute', 'a permutation has an order');
    const { size, axis, order } = move;
    using before = await dense.copy(tensor, options);
    for (const [to, from] of order.entries()) {
      const [first, last] = [from * size, (from + 1) * size];
      if (axis === 'rows') {
        using block = await dense.rowRange(before, first, last, options);
        await dense.setRows(tensor, to * size, block, options);
      } else {
        using block = await dense.columnRange(before, first, last, options);
        await dense.setColumns(tensor, to * size, block, options);
      }
    }
  },
  workspace: ({ rows, cols }, { move }) =>
    matrixBytes(rows, cols) + matrixBytes(Math.max(rows, cols), move?.size ?? 0),
};
