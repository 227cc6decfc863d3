import { matrixBytes, type EditFormula } from './EditContext.ts';
import { otherMatrix } from './otherMatrix.ts';

/** T + amount (X - T). */
export const interpolate: EditFormula<'interpolate'> = {
  async apply(context, tensor, step) {
    const { dense, options } = context;
    using way = await otherMatrix(context, step, step.edit.to);
    await dense.add(way, -1, tensor, options);
    await dense.add(tensor, step.edit.amount, way, options);
  },
  workspace: ({ rows, cols }) => matrixBytes(rows, cols),
};
