import { perMatrix, quotient, ZERO_REFERENCE, type Measure } from './Measure.ts';
import { norm } from './spectralShift.ts';

/** Keeps a zero singular value from dividing by zero; as in the published code. */
const GUARD = 1e-12;

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export const singularValueChange: Measure = {
  info: {
    id: 'spectrum.value-change',
    version: 1,
    group: 'B4',
    title: 'Relative change of singular values',
    formula: "mean over i of |s_i(W') - s_i(W)| / (s_i(W) + 1e-12), both spectra descending",
    meaning:
      'Every singular value counts alike, so the small ones dominate. Any small update gives a small value: read it beside its baseline.',
    parameters: {},
    unit: 'ratio',
    baseline: {
      title: 'isotropic update of the same norm, first order',
      formula: 'sqrt(2 / pi) |dW|_F / sqrt(mn) times the mean of 1 / (s_i(W) + 1e-12)',
    },
    aggregation: 'unweighted-mean',
    arity: 'variant',
    headline: false,
    scope: 'matrices',
    complement: null,
    optional: false,
    normMatched: 'value',
    sources: [{ arxiv: '2509.12235', where: 'raw_metrics_angle.py; baseline is own' }],
  },
  needs: ['spectra'],
  measure: ({ spectra, rows, cols }) => {
    if (!spectra) return { reason: 'not computed' };
    const { reference, variant, update } = spectra;
    if (!reference[0]) return ZERO_REFERENCE;
    const inverse = reference.map((value) => 1 / (value + GUARD));
    const change = inverse.map((factor, i) => factor * Math.abs((variant[i] ?? NaN) - (reference[i] ?? NaN)));
    const step = Math.sqrt(2 / Math.PI) * (norm(update) / Math.sqrt(rows * cols));
    return perMatrix(mean(change), step * mean(inverse));
  },
  value: quotient,
};
