import { matrixBytes, type EditFormula } from './EditContext.ts';
import { otherMatrix } from './otherMatrix.ts';

/** T + amount (X - T). */
export const interpolate: EditFormula = {
  async apply(context, tensor, step) {
    if (step.edit.edit !== 'interpolate') return;
    const { dense, options } = context;
    using way = await otherMatrix(context, step, step.edit.to);
    await dense.add(way, -1, tensor, options);
    await dense.add(tensor, step.edit.amount, way, options);
  },
  workspace: (shape) => matrixBytes(shape),
};
