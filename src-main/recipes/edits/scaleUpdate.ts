import { matrixBytes, type EditFormula } from './EditContext.ts';
import { otherMatrix } from './otherMatrix.ts';

/** B + factor (T - B). */
export const scaleUpdate: EditFormula = {
  async apply(context, tensor, step) {
    if (step.edit.edit !== 'scale-update') return;
    const { dense, options } = context;
    using base = await otherMatrix(context, step, step.edit.since);
    await dense.add(tensor, -1, base, options);
    dense.scale(tensor, step.edit.factor);
    await dense.add(tensor, 1, base, options);
  },
  workspace: (shape) => matrixBytes(shape),
};
