import { ZERO_UPDATE, type PairMeasure } from './Measure.ts';
import { cosine } from './referenceCosine.ts';

/** Cosine between the updates of two variants that start from the same reference. */
export const updateCosine: PairMeasure = {
  info: {
    id: 'update.cosine',
    version: 1,
    group: 'B2',
    title: 'Cosine between updates',
    formula: '<dW_a, dW_b> / (|dW_a|_F |dW_b|_F), both from the same reference',
    meaning:
      'Whether two runs move the weights in the same direction. The other variant is the parameter `with`.',
    parameters: { with: null },
    unit: 'cosine',
    baseline: { title: 'independent random directions', formula: '0, with standard deviation 1 / sqrt(n)' },
    aggregation: 'parameter-weighted',
    arity: 'pair-of-variants',
    headline: false,
    scope: 'all-parameters',
    complement: null,
    optional: false,
    normMatched: 'invariant',
    sources: [{ arxiv: null, where: 'own definition' }],
  },
  ordered: false,
  measure: ({ dot, squareA, squareB }) =>
    squareA === 0 || squareB === 0 ? ZERO_UPDATE : { parts: [dot, squareA, squareB], baseline: [0, 1, 1] },
  value: cosine,
};
