import { PolarimeterError } from '../../contract/errors.ts';
import type { DenseMatrix } from '../../kernels/DenseMatrix.ts';
import { streamSeed } from '../streamSeed.ts';
import { applyStep, stepWorkspace } from './applyStep.ts';
import { matrixBytes, type EditContext, type EditFormula, type StepOf } from './EditContext.ts';
import { otherMatrix } from './otherMatrix.ts';

type MatchedStep = StepOf<'matched-step'>;

/** Frobenius norm of the step that some edits would make of a tensor. */
export async function stepNorm(
  context: EditContext,
  tensor: DenseMatrix,
  like: MatchedStep['like'],
): Promise<number> {
  const { dense, options } = context;
  using moved = await dense.copy(tensor, options);
  for (const step of like) await applyStep(context, moved, step);
  await dense.add(moved, -1, tensor, options);
  return await dense.norm(moved, options);
}

async function directionOf(
  context: EditContext,
  tensor: DenseMatrix,
  step: MatchedStep,
): Promise<DenseMatrix> {
  const { dense, options } = context;
  const { direction } = step.edit;
  if (direction === 'random')
    return await dense.normal(tensor.rows, tensor.cols, streamSeed(step.stream, 'direction'), options);
  const way = await otherMatrix(context, step, direction.to);
  await dense.add(way, -1, tensor, options);
  return way;
}

/** A control: as long a step as other edits would make, in another direction. */
export const matchedStep: EditFormula<'matched-step'> = {
  async apply(context, tensor, step) {
    const { dense, options } = context;
    const length = await stepNorm(context, tensor, step.like);
    if (length === 0) return;
    using direction = await directionOf(context, tensor, step);
    const norm = await dense.norm(direction, options);
    if (norm === 0) {
      const what = `edit ${String(step.number)}: the tensor is where the step should lead, so that it has no direction`;
      throw new PolarimeterError('recipe-invalid', what, context.tensor);
    }
    await dense.add(tensor, length / norm, direction, options);
  },
  workspace(shape, { like }, dense) {
    const each = like.map((step) => stepWorkspace(shape, step, dense));
    return matrixBytes(shape.rows, shape.cols) + Math.max(0, ...each);
  },
};
