import { quotient, type Measure } from './Measure.ts';

export const unchangedNative: Measure = {
  info: {
    id: 'update.unchanged.native',
    version: 1,
    group: 'B1',
    title: 'Weights unchanged (as stored)',
    formula: "#{w' = w} / n in the stored element type; -0 = +0",
    meaning:
      'Equals the bf16 share for bf16 files. In float32 files sparsity mostly vanishes, as arXiv 2511.08567 says itself.',
    parameters: { compared_as: 'stored' },
    unit: 'share',
    baseline: null,
    aggregation: 'parameter-weighted',
    arity: 'variant',
    headline: false,
    scope: 'all-parameters',
    complement: 'changed',
    optional: false,
    normMatched: 'complement',
    sources: [{ arxiv: '2511.08567', where: 'section 2.3' }],
  },
  needs: ['elements'],
  measure: ({ elements }) =>
    elements ? { parts: [elements.unchangedNative, elements.n], baseline: null } : { reason: 'not computed' },
  value: quotient,
};
