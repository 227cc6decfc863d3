import { assert } from '../../base/assert.ts';
import type { DenseMatrix } from '../../kernels/DenseMatrix.ts';
import type { HeadMove } from '../Step.ts';
import { streamSeed } from '../streamSeed.ts';
import { matrixBytes, type EditContext, type EditFormula } from './EditContext.ts';

export type Rotation = Pick<Extract<HeadMove, { kind: 'rotate' }>, 'axis' | 'size' | 'heads' | 'stream'> & {
  readonly rotation: 'haar' | 'hadamard';
};

/** The rotation of one key/value head: all tensors of a layer draw the same. */
async function rotationOf(
  { dense, options }: EditContext,
  { rotation, size, stream }: Rotation,
  head: number,
): Promise<DenseMatrix> {
  const seed = streamSeed(stream, `head ${String(head)}`);
  return rotation === 'haar'
    ? await dense.haar(size, seed, options)
    : await dense.hadamard(size, seed, options);
}

/** R^T on the rows of each head, or R on its columns. */
export async function rotateBlocks(context: EditContext, tensor: DenseMatrix, how: Rotation): Promise<void> {
  const { dense, options } = context;
  for (const [i, head] of how.heads.entries()) {
    const [from, to] = [i * how.size, (i + 1) * how.size];
    using rotation = await rotationOf(context, how, head);
    if (how.axis === 'rows') {
      using rows = await dense.rowRange(tensor, from, to, options);
      using turned = await dense.multiply(rotation, rows, { a: true }, options);
      await dense.setRows(tensor, from, turned, options);
    } else {
      using columns = await dense.columnRange(tensor, from, to, options);
      using turned = await dense.multiply(columns, rotation, {}, options);
      await dense.setColumns(tensor, from, turned, options);
    }
  }
}

/** V and O rotated by an orthogonal matrix per key/value head (arXiv 2511.08567, App. D): R^T W_v on rows, W_o R on columns. */
export const rotateHeads: EditFormula<'rotate-heads'> = {
  async apply(context, tensor, { edit, move }) {
    assert(move?.kind === 'rotate', 'a rotation has heads');
    await rotateBlocks(context, tensor, { ...move, rotation: edit.rotation });
  },
  workspace({ rows, cols }, { move }) {
    const size = move?.size ?? 0;
    return 2 * matrixBytes(Math.max(rows, cols), size) + 2 * matrixBytes(size, size);
  },
};
