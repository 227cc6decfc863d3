import { must } from '../base/assert.ts';
import { PolarimeterError } from '../contract/errors.ts';
import type { WeightDocument, WeightQuery } from '../contract/stripes.ts';
import type { Kernels } from '../kernels/Kernels.ts';
import { numberOrWord } from './aggregate.ts';
import { holdFiles, type PairSources } from './pairSources.ts';

/** One weight on all sides. Fails with `usage` for one outside the matrix, `cancelled`, `file-changed`, and as reading files does. */
export async function weightDocument(
  kernels: Kernels,
  pair: PairSources,
  { row, column }: Pick<WeightQuery, 'row' | 'column'>,
  signal?: AbortSignal,
): Promise<WeightDocument> {
  const { tensor, rows, cols, reference, variants, labels } = pair;
  for (const [name, at, length] of [['row', row, rows] as const, ['column', column, cols] as const]) {
    if (at < length) continue;
    throw new PolarimeterError('usage', `this tensor has ${String(length)} ${name}s, counted from 0`, name);
  }
  using _files = holdFiles(kernels, pair);
  const weights = await kernels.weightsAt({ reference, variants, row, col: column }, { signal });
  return {
    schema: 'polarimeter.weight/1',
    tensor,
    row,
    column,
    reference: numberOrWord(weights.reference),
    variants: labels.map((variant, i) => ({
      variant,
      value: numberOrWord(must(weights.variants[i], variant)),
      steps: weights.steps[i] ?? null,
    })),
  };
}
