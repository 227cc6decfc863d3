import { perMatrix, quotient, SMALL_MATRIX, ZERO_REFERENCE, type Measure } from './Measure.ts';
import type { SpectrumEvidence } from './evidence.ts';

/** The larger of the two separations that Wedin's theorem may use: leading values of one matrix, trailing values of the other. */
function separation({ reference, variant }: SpectrumEvidence, k: number): number {
  const at = (sigma: Float64Array, i: number): number => sigma[i] ?? 0;
  return Math.max(at(reference, k - 1) - at(variant, k), at(variant, k - 1) - at(reference, k));
}

export const subspaceGap: Measure = {
  info: {
    id: 'angles.gap',
    version: 1,
    group: 'B5',
    title: 'Gap at the cut',
    formula: '(s_k(W) - s_{k+1}(W)) / s_k(W)',
    meaning:
      'Where the gap is smaller than its baseline, the k-th direction may turn freely and the largest angle says little.',
    parameters: { k: null },
    unit: 'ratio',
    baseline: { title: "the update's reach", formula: '|dW|_2 / s_k(W)' },
    aggregation: 'unweighted-mean',
    arity: 'variant',
    headline: false,
    scope: 'matrices',
    complement: null,
    optional: false,
    normMatched: 'invariant',
    sources: [{ arxiv: '2511.08567', where: 'gamma_k' }],
  },
  needs: ['spectra'],
  parametersFor: ({ k }) => ({ k }),
  measure: ({ spectra, k }) => {
    if (!spectra) return { reason: 'not computed' };
    if (k === 0) return SMALL_MATRIX;
    const cut = spectra.reference[k - 1] ?? 0;
    if (cut === 0) return ZERO_REFERENCE;
    return perMatrix((cut - (spectra.reference[k] ?? 0)) / cut, (spectra.update[0] ?? 0) / cut);
  },
  value: quotient,
};

export const wedinBound: Measure = {
  info: {
    id: 'angles.wedin-bound',
    version: 1,
    group: 'B5',
    title: 'Bound on every principal angle',
    formula:
      "asin min(1, |dW|_2 / delta), delta = max(s_k(W) - s_{k+1}(W'), s_k(W') - s_{k+1}(W)); 90 when delta <= 0",
    meaning:
      'No angle of either side can be larger. The papers write gamma_k = s_k(W) - s_{k+1}(W) for delta, which bounds nothing once dW reaches the gap; both spectra are known here, so the separation of the theorem itself is used.',
    parameters: { k: null },
    unit: 'degrees',
    baseline: null,
    aggregation: 'unweighted-mean',
    arity: 'variant',
    headline: false,
    scope: 'matrices',
    complement: null,
    optional: false,
    normMatched: 'value',
    sources: [{ arxiv: '2511.08567', where: 'section 3; Wedin, BIT 12 (1972)' }],
  },
  needs: ['spectra'],
  parametersFor: ({ k }) => ({ k }),
  measure: ({ spectra, k }) => {
    if (!spectra) return { reason: 'not computed' };
    if (k === 0) return SMALL_MATRIX;
    const delta = separation(spectra, k);
    const reach = spectra.update[0] ?? 0;
    const sine = reach === 0 ? 0 : delta <= 0 ? 1 : Math.min(1, reach / delta);
    return perMatrix((Math.asin(sine) * 180) / Math.PI, null);
  },
  value: quotient,
};
