import { must } from '../../base/assert.ts';
import { matrixBytes, type EditFormula } from './EditContext.ts';
import { otherMatrix } from './otherMatrix.ts';

/** The other input's tensor instead. Where nothing follows, it is not even read. */
export const take: EditFormula = {
  async apply(context, tensor, step) {
    using other = await otherMatrix(context, step, must([...step.others.keys()][0], 'other'));
    context.dense.setRows(tensor, 0, other);
  },
  workspace: (shape) => matrixBytes(shape),
};
