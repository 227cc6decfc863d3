import type { Evidence, SpectrumEvidence } from './evidence.ts';
import {
  NOT_COMPUTED,
  perMatrix,
  quotient,
  SMALL_MATRIX,
  ZERO_REFERENCE,
  type Measure,
  type Undefined,
} from './Measure.ts';

/** The larger of the two separations that Wedin's theorem may use: leading values of one matrix, trailing values of the other. */
function separation({ reference, variant }: SpectrumEvidence, k: number): number {
  const at = (sigma: Float64Array, i: number): number => sigma[i] ?? 0;
  return Math.max(at(reference, k - 1) - at(variant, k), at(variant, k - 1) - at(reference, k));
}

interface Gap extends Pick<Measure['info'], 'id' | 'title' | 'parameters'> {
  readonly parametersFor?: (evidence: Pick<Evidence, 'k'>) => Measure['info']['parameters'];
  /** Where the cut is, or why there is none. */
  readonly dimension: (evidence: Evidence) => number | Undefined;
}

/** The gap between the k-th singular value of the reference and the next one, beside how far the update reaches. */
export function gapMeasure({ id, title, parameters, parametersFor, dimension }: Gap): Measure {
  return {
    info: {
      id,
      version: 1,
      group: 'B5',
      title,
      formula: '(s_k(W) - s_{k+1}(W)) / s_k(W)',
      meaning:
        'Where the gap is smaller than its baseline, the k-th direction may turn freely and the largest angle says little.',
      parameters,
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
    ...(parametersFor ? { parametersFor } : {}),
    measure: (evidence) => {
      const { spectra } = evidence;
      if (!spectra) return NOT_COMPUTED;
      const k = dimension(evidence);
      if (typeof k !== 'number') return k;
      const cut = spectra.reference[k - 1] ?? 0;
      if (cut === 0) return ZERO_REFERENCE;
      return perMatrix((cut - (spectra.reference[k] ?? 0)) / cut, (spectra.update[0] ?? 0) / cut);
    },
    value: quotient,
  };
}

export const subspaceGap: Measure = gapMeasure({
  id: 'angles.gap',
  title: 'Gap at the cut',
  parameters: { k: null },
  parametersFor: ({ k }) => ({ k }),
  dimension: ({ k }) => (k === 0 ? SMALL_MATRIX : k),
});

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
