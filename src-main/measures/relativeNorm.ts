import { rootQuotient, ZERO_REFERENCE, type Measure } from './Measure.ts';

export const relativeNorm: Measure = {
  info: {
    id: 'update.relative-norm',
    version: 1,
    group: 'B2',
    title: 'Relative update norm',
    formula: '|dW|_F / |W|_F',
    meaning:
      'Size of the update against the weights it starts from; also the ceiling of the normalised spectral shift.',
    parameters: {},
    unit: 'ratio',
    baseline: {
      title: 'rounding the reference to bf16 once',
      formula: 'sqrt(sum ulp(w)^2 / 12) / |W|_F',
    },
    aggregation: 'root-sum-square',
    arity: 'variant',
    headline: true,
    scope: 'all-parameters',
    complement: null,
    optional: false,
    normMatched: 'invariant',
    sources: [{ arxiv: '2511.08567', where: 'section 2.2' }],
  },
  needs: ['elements'],
  measure: ({ elements }) => {
    if (!elements) return { reason: 'not computed' };
    if (elements.sumSqReference === 0) return ZERO_REFERENCE;
    const { sumSqUpdate, sumSqReference, sumSqUlp } = elements;
    return { parts: [sumSqUpdate, sumSqReference], baseline: [sumSqUlp / 12, sumSqReference] };
  },
  value: rootQuotient,
};
