import { swallowedByRounding } from './chance.ts';
import type { ElementEvidence } from './evidence.ts';
import { quotient, type Measure } from './Measure.ts';

function swallowed({ exponents, sumSqUpdate, n }: ElementEvidence): number {
  return n === 0 ? 0 : swallowedByRounding(exponents, Math.sqrt(sumSqUpdate / n));
}

export const unchangedBf16: Measure = {
  info: {
    id: 'update.unchanged.bf16',
    version: 1,
    group: 'B1',
    title: 'Weights unchanged (bf16)',
    formula: "#{b(w') = b(w)} / n, b = rounding to bfloat16, nearest even; -0 = +0",
    meaning:
      "Equal to |w' - w| <= eta max(|w|, |w'|) for any eta < 2^-9 on stored bf16. Where it is near its baseline, the size of the update and the precision of bf16 explain it, not the objective.",
    parameters: { compared_as: 'BF16' },
    unit: 'share',
    baseline: {
      title: 'isotropic update of the same norm, rounded to bf16',
      formula: 'mean over weights of P(|N(0, s^2)| < ulp(b(w)) / 2), s = |dW|_F / sqrt(n) of each tensor',
    },
    aggregation: 'parameter-weighted',
    arity: 'variant',
    headline: true,
    scope: 'all-parameters',
    complement: 'changed',
    optional: false,
    normMatched: 'complement',
    sources: [{ arxiv: '2511.08567', where: 'Def. 2.1, 2.2, Prop. E.3' }],
  },
  needs: ['elements'],
  measure: ({ elements }) =>
    elements
      ? { parts: [elements.unchangedBf16, elements.n], baseline: [swallowed(elements), elements.n] }
      : { reason: 'not computed' },
  value: quotient,
};
