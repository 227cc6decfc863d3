import { quotient, type Measure } from './Measure.ts';

export const unchangedBf16: Measure = {
  info: {
    id: 'update.unchanged.bf16',
    version: 1,
    group: 'B1',
    title: 'Weights unchanged (bf16)',
    formula: "#{b(w') = b(w)} / n, b = rounding to bfloat16, nearest even; -0 = +0",
    meaning:
      "Equal to |w' - w| <= eta max(|w|, |w'|) for any eta < 2^-9 on stored bf16. A readout of optimiser, learning rate and precision as much as of the objective.",
    parameters: { compared_as: 'BF16' },
    unit: 'share',
    baseline: null,
    aggregation: 'parameter-weighted',
    arity: 'variant',
    headline: true,
    scope: 'all-parameters',
    complement: 'changed',
    sources: [{ arxiv: '2511.08567', where: 'Def. 2.1, 2.2, Prop. E.3' }],
  },
  needs: ['elements'],
  measure: ({ elements }) =>
    elements ? { parts: [elements.unchangedBf16, elements.n], baseline: null } : { reason: 'not computed' },
  value: quotient,
};
