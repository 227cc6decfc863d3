import type { DenseMatrix } from '../kernels/DenseMatrix.ts';
import { tensorSource } from '../tensors/tensorSource.ts';
import { formulaOf } from './edits/formulaOf.ts';
import type { EditContext } from './edits/EditContext.ts';
import type { Chain } from './Step.ts';

export interface Followed {
  readonly matrix: DenseMatrix;
  /** Of rotated output matrices, the largest change of the product of a head; else null. */
  readonly productError: number | null;
}

/** A tensor as its chain makes it, in float64. Dispose the matrix. */
export async function followChain(context: EditContext, { from, steps }: Chain): Promise<Followed> {
  const { dense, options } = context;
  const matrix = await dense.read(tensorSource(from), options);
  try {
    for (const step of steps) await formulaOf(step.edit.edit).apply(context, matrix, step);
    return { matrix, productError: null };
  } catch (error) {
    matrix[Symbol.dispose]();
    throw error;
  }
}
