import { must } from '../base/assert.ts';
import type { StepsDocument } from '../contract/stripes.ts';
import type { Kernels } from '../kernels/Kernels.ts';
import { holdFiles, type PairSources } from './pairSources.ts';

const EXPONENT_BIAS = 127;

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);

/** How far weights of which magnitude moved, of one variant. Fails with `cancelled`, `file-changed`, and as reading files does. */
export async function stepsDocument(
  kernels: Kernels,
  pair: PairSources,
  signal?: AbortSignal,
): Promise<StepsDocument> {
  using _files = holdFiles(kernels, pair);
  const { reference, tensor } = pair;
  const variant = must(pair.variants[0], tensor);
  const histogram = await kernels.stepHistogram({ reference, variant }, { signal });
  const magnitudes = histogram.up.flatMap((up, biased) => {
    const down = must(histogram.down[biased], tensor);
    const weights = sum(up) + sum(down);
    const exponent = biased === 0 ? null : biased - EXPONENT_BIAS;
    return weights === 0 ? [] : [{ exponent, weights, up: [...up], down: [...down] }];
  });
  return {
    schema: 'polarimeter.steps/1',
    tensor,
    variant: must(pair.labels[0], tensor),
    reference: pair.from,
    invalid: histogram.invalid,
    magnitudes,
  };
}
