import { quoteName } from '../checkpoint/quoteName.ts';
import { PolarimeterError } from '../contract/errors.ts';
import type { DenseKernels, DenseMatrix } from '../kernels/DenseMatrix.ts';
import { tensorSource } from '../tensors/tensorSource.ts';
import { applyStep, stepWorkspace } from './edits/applyStep.ts';
import { matrixBytes, type EditContext, type Shape } from './edits/EditContext.ts';
import { rotateBlocks } from './edits/rotateHeads.ts';
import { matrixShape } from './placeInStored.ts';
import { productChange, productChangeBytes } from './productChange.ts';
import type { Chain, HeadMove, Step } from './Step.ts';

export interface Followed {
  readonly matrix: DenseMatrix;
  /** Of rotated output matrices, the largest change of the product of a head; else null. */
  readonly productError: number | null;
}

type Rotated = Extract<HeadMove, { kind: 'rotate' }>;

/** Of the output matrix of rotated heads, its move; null for every other step. */
function watchedMove({ move }: Step): (Rotated & { readonly values: NonNullable<Rotated['values']> }) | null {
  return move?.kind === 'rotate' && move.values !== null ? { ...move, values: move.values } : null;
}

/** How far the rotation of an output matrix and of its values is from leaving their product alone. */
async function rotationError(
  context: EditContext,
  before: DenseMatrix,
  after: DenseMatrix,
  step: Step,
): Promise<number | null> {
  const move = watchedMove(step);
  if (!move || step.edit.edit !== 'rotate-heads') return null;
  const { values, size, stream } = move;
  const { rotation } = step.edit;
  const { matrix } = await followChain(context, values.chain);
  using value = matrix;
  using rotated = await context.dense.copy(value, context.options);
  await rotateBlocks(context, rotated, { axis: values.axis, heads: values.heads, size, stream, rotation });
  const axes = { output: move.axis, value: values.axis, size, readers: move.heads };
  return await productChange(context, { output: before, value }, { output: after, value: rotated }, axes);
}

async function followStep(context: EditContext, matrix: DenseMatrix, step: Step): Promise<number | null> {
  const { dense, options } = context;
  using before = watchedMove(step) ? await dense.copy(matrix, options) : null;
  await applyStep(context, matrix, step);
  return before && (await rotationError(context, before, matrix, step));
}

/** The native core knows shapes; people know names. */
function named(error: unknown, { tensor }: EditContext, { number }: Step): unknown {
  if (!(error instanceof PolarimeterError) || error.code === 'cancelled' || error.where === tensor)
    return error;
  return new PolarimeterError(
    error.code,
    `${quoteName(tensor)}, edit ${String(number)}: ${error.message}`,
    tensor,
  );
}

/** A tensor as its chain makes it, in float64. Dispose the matrix. */
export async function followChain(context: EditContext, { from, steps }: Chain): Promise<Followed> {
  const matrix = await context.dense.read(tensorSource(from), context.options);
  let productError: number | null = null;
  for (const step of steps) {
    try {
      const error = await followStep(context, matrix, step);
      if (error !== null) productError = Math.max(productError ?? 0, error);
    } catch (error) {
      matrix[Symbol.dispose]();
      throw named(error, context, step);
    }
  }
  return { matrix, productError };
}

function watchedBytes(shape: Shape, step: Step, dense: DenseKernels): number {
  const move = watchedMove(step);
  if (!move) return 0;
  const value = matrixShape(move.values.chain.from);
  const values = chainBytes(move.values.chain, value, dense) + matrixBytes(value.rows, value.cols);
  return matrixBytes(shape.rows, shape.cols) + values + productChangeBytes(shape, value, move.size);
}

/** Bytes that following a chain takes at most: the tensor, and what its hungriest edit, or measuring how far it moved, holds beside it. */
export function chainBytes({ steps }: Chain, shape: Shape, dense: DenseKernels): number {
  const one = matrixBytes(shape.rows, shape.cols);
  const each = steps.map((step) =>
    Math.max(stepWorkspace(shape, step, dense), watchedBytes(shape, step, dense)),
  );
  return one + Math.max(one, ...each);
}
