import { quotient, ZERO_UPDATE, type Measure } from './Measure.ts';

export const oneStep: Measure = {
  info: {
    id: 'update.one-step',
    version: 1,
    group: 'B2',
    title: 'Changed weights that moved one bf16 step',
    formula: "#{|code(b(w')) - code(b(w))| = 1} / #{b(w') != b(w)}, codes ordered along the number line",
    meaning:
      'Near 100 % the update is at the resolution of bfloat16. The whole histogram is stored as the curve `ulp-steps`.',
    parameters: { compared_as: 'BF16' },
    unit: 'share',
    baseline: null,
    aggregation: 'parameter-weighted',
    arity: 'variant',
    headline: false,
    scope: 'all-parameters',
    complement: 'moved further',
    optional: false,
    normMatched: 'complement',
    sources: [{ arxiv: '2511.08567', where: 'Lemma E.2' }],
  },
  needs: ['elements'],
  measure: ({ elements }) => {
    if (!elements) return { reason: 'not computed' };
    const changed = elements.n - elements.unchangedBf16;
    return changed === 0 ? ZERO_UPDATE : { parts: [elements.steps[1] ?? NaN, changed], baseline: null };
  },
  value: quotient,
};
