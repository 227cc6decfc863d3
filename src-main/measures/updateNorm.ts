import { root, type Measure } from './Measure.ts';

export const updateNorm: Measure = {
  info: {
    id: 'update.norm',
    version: 1,
    group: 'B2',
    title: 'Update norm',
    formula: "|dW|_F = sqrt(sum (w' - w)^2), w and w' as stored",
    meaning:
      'SFT updates are often 100 to 1000 times larger than those of RL: compare shapes of updates per unit of norm.',
    parameters: {},
    unit: 'weight',
    baseline: {
      title: 'rounding the reference to bf16 once',
      formula: 'sqrt(sum ulp(w)^2 / 12): the error is uniform within half a step',
    },
    aggregation: 'root-sum-square',
    arity: 'variant',
    headline: false,
    scope: 'all-parameters',
    complement: null,
    optional: false,
    normMatched: 'invariant',
    sources: [{ arxiv: '2510.00553', where: 'Tables 7, 8' }],
  },
  needs: ['elements'],
  measure: ({ elements }) =>
    elements
      ? { parts: [elements.sumSqUpdate], baseline: [elements.sumSqUlp / 12] }
      : { reason: 'not computed' },
  value: root,
};
