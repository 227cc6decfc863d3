import { matrixBytes, type EditFormula } from './EditContext.ts';
import { otherMatrix } from './otherMatrix.ts';

/** B + factor (T - B). */
export const scaleUpdate: EditFormula<'scale-update'> = {
  async apply(context, tensor, step) {
    const { dense, options } = context;
    using base = await otherMatrix(context, step, step.edit.since);
    await dense.add(tensor, -1, base, options);
    await dense.scale(tensor, step.edit.factor, options);
    await dense.add(tensor, 1, base, options);
  },
  workspace: ({ rows, cols }) => matrixBytes(rows, cols),
};
