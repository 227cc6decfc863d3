import { must } from '../../base/assert.ts';
import type { DenseMatrix } from '../../kernels/DenseMatrix.ts';
import { tensorSource } from '../../tensors/tensorSource.ts';
import type { Step } from '../Step.ts';
import type { EditContext } from './EditContext.ts';

/** The tensor of another input as a matrix. Dispose it. */
export async function otherMatrix(
  { dense, options }: EditContext,
  step: Step,
  name: string,
): Promise<DenseMatrix> {
  return await dense.read(tensorSource(must(step.others.get(name), name)), options);
}
