import type { DenseKernels, DenseMatrix } from '../../kernels/DenseMatrix.ts';
import { outcomeOf } from '../shortcut.ts';
import type { Step } from '../Step.ts';
import { matrixBytes, type EditContext, type EditFormula, type Shape } from './EditContext.ts';
import { interpolate } from './interpolate.ts';
import { maskUpdate } from './maskUpdate.ts';
import { matchedStep } from './matchedStep.ts';
import { permuteHeads } from './permuteHeads.ts';
import { restore } from './restore.ts';
import { rotateHeads } from './rotateHeads.ts';
import { scaleUpdate } from './scaleUpdate.ts';
import { svf } from './svf.ts';
import { becomeOther, take } from './take.ts';
import { smallerSide } from './triplets.ts';
import { truncateUpdate } from './truncateUpdate.ts';

type Kind = Step['edit']['edit'];

/** By kind; a function, since a matched step is made of steps of other kinds. */
function formulaOf<K extends Kind>(kind: K): EditFormula<K> {
  const formulas: { readonly [Each in Kind]: EditFormula<Each> } = {
    take,
    restore,
    interpolate,
    'scale-update': scaleUpdate,
    'truncate-update': truncateUpdate,
    'mask-update': maskUpdate,
    svf,
    'rotate-heads': rotateHeads,
    'permute-heads': permuteHeads,
    'matched-step': matchedStep,
  };
  return formulas[kind];
}

/** Changes a tensor as one edit says, in place. At the ends of its range an edit is exact: nothing at all, or the other tensor. */
export async function applyStep(context: EditContext, tensor: DenseMatrix, step: Step): Promise<void> {
  const outcome = outcomeOf(step.edit, smallerSide(tensor));
  if (outcome === 'unchanged') return;
  if (outcome === 'other') await becomeOther(context, tensor, step);
  else await formulaOf(step.edit.edit).apply(context, tensor, step);
}

/** Bytes that one edit holds at once, besides the tensor. */
export function stepWorkspace(shape: Shape, step: Step, dense: DenseKernels): number {
  const outcome = outcomeOf(step.edit, smallerSide(shape));
  if (outcome === 'unchanged') return 0;
  if (outcome === 'other') return matrixBytes(shape.rows, shape.cols);
  return formulaOf(step.edit.edit).workspace(shape, step, dense);
}
