import { swallowedByRounding } from './chance.ts';
import type { ElementEvidence } from './evidence.ts';
import { NOT_COMPUTED, quotient, type Measure } from './Measure.ts';

/** Share of non-zero changes that an isotropic update of the same norm, on as many weights, would lose. */
function swallowedAtRandom(elements: ElementEvidence, changed: number, reference: string): number {
  const rms = Math.sqrt(elements.sumSqUpdate / changed);
  const places = reference === 'BF16' ? 'on-grid' : 'anywhere';
  return swallowedByRounding(elements.exponents, rms, places) / elements.n;
}

export const precisionGate: Measure = {
  info: {
    id: 'gate.swallowed',
    version: 1,
    group: 'B11',
    title: 'Changes that rounding to bf16 swallows',
    formula: "#{w' != w and b(w') = b(w)} / #{w' != w}, w and w' as stored, b = rounding to bfloat16",
    meaning:
      'For an update given at higher precision, or as an adapter: what is lost when the result is stored as bf16. A weight on a bf16 number moves only if its change exceeds half a step; at |w| = 0.02 the step is 2^-13 = 1.2e-4.',
    parameters: { compared_as: 'BF16' },
    unit: 'share',
    baseline: {
      title: 'isotropic update of the same norm on as many weights',
      formula:
        "mean over weights of P(b(w + N(0, s^2)) = b(w)), s = |dW|_F / sqrt(#{w' != w}); w on a bf16 number, or anywhere between two when the reference is finer",
    },
    aggregation: 'parameter-weighted',
    arity: 'variant',
    headline: false,
    scope: 'all-parameters',
    complement: 'survive',
    optional: false,
    normMatched: 'complement',
    sources: [{ arxiv: '2511.08567', where: 'precision gate, Lemma E.2; applied before rounding (own)' }],
  },
  needs: ['elements'],
  measure: ({ elements, dtypes }) => {
    if (dtypes.reference === 'BF16' && dtypes.variant === 'BF16')
      return { reason: 'both sides are stored in BF16: the rounding has happened already' };
    if (!elements) return NOT_COMPUTED;
    const changed = elements.n - elements.unchangedNative;
    if (changed === 0) return { reason: 'no weight changed as stored' };
    const swallowed = elements.unchangedBf16 - elements.unchangedNative;
    const chance = swallowedAtRandom(elements, changed, dtypes.reference);
    return { parts: [swallowed, changed], baseline: [chance * changed, changed] };
  },
  value: quotient,
};
