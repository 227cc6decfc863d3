import { must } from '../../base/assert.ts';
import type { DenseMatrix } from '../../kernels/DenseMatrix.ts';
import type { Step } from '../Step.ts';
import { matrixBytes, type EditContext, type EditFormula } from './EditContext.ts';
import { otherMatrix } from './otherMatrix.ts';

/** The tensor of the first other input instead. */
export async function becomeOther(context: EditContext, tensor: DenseMatrix, step: Step): Promise<void> {
  using other = await otherMatrix(context, step, must([...step.others.keys()][0], step.edit.edit));
  await context.dense.setRows(tensor, 0, other, context.options);
}

/** The donor's tensor. Where nothing follows, it is not even read. */
export const take: EditFormula<'take'> = {
  apply: becomeOther,
  workspace: ({ rows, cols }) => matrixBytes(rows, cols),
};
