import type { DenseKernels } from '../kernels/DenseMatrix.ts';
import { formulaOf } from './edits/formulaOf.ts';
import { matrixBytes, type Shape } from './edits/EditContext.ts';
import type { Chain } from './Step.ts';

/** Bytes that following a chain takes at most: the tensor, and what its hungriest edit, or measuring how far it moved, holds beside it. */
export function chainBytes({ steps }: Chain, shape: Shape, dense: DenseKernels): number {
  const each = steps.map((step) => formulaOf(step.edit.edit).workspace(shape, step, dense));
  return matrixBytes(shape) + Math.max(matrixBytes(shape), ...each);
}
