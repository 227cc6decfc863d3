import { swallowedByRounding } from './chance.ts';
import type { ElementEvidence } from './evidence.ts';
import { NOT_COMPUTED, quotient, type Measure } from './Measure.ts';

function swallowed({ exponents, sumSqUpdate, n }: ElementEvidence, reference: string): number {
  if (n === 0) return 0;
  const places = reference === 'BF16' ? 'on-grid' : 'anywhere';
  return swallowedByRounding(exponents, Math.sqrt(sumSqUpdate / n), places);
}

export const unchangedBf16: Measure = {
  info: {
    id: 'update.unchanged.bf16',
    version: 2,
    group: 'B1',
    title: 'Weights unchanged (bf16)',
    formula: "#{b(w') = b(w)} / n, b = rounding to bfloat16, nearest even; -0 = +0",
    meaning:
      "Equal to |w' - w| <= eta max(|w|, |w'|) for any eta < 2^-9 on stored bf16. Where it is near its baseline, the size of the update and the precision of bf16 explain it, not the objective.",
    parameters: { compared_as: 'BF16' },
    unit: 'share',
    baseline: {
      title: 'isotropic update of the same norm, rounded to bf16',
      formula:
        'mean over weights of P(b(w + N(0, s^2)) = b(w)), s = |dW|_F / sqrt(n) of each tensor; w on a bf16 number, that is P(|N(0, s^2)| < ulp / 2), or anywhere between two when the reference is finer',
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
  measure: ({ elements, dtypes }) => {
    if (!elements) return NOT_COMPUTED;
    const chance = swallowed(elements, dtypes.reference);
    return { parts: [elements.unchangedBf16, elements.n], baseline: [chance, elements.n] };
  },
  value: quotient,
};
