import { perMatrix, quotient, ZERO_REFERENCE, ZERO_UPDATE, type Measure } from './Measure.ts';
import type { SpectrumEvidence } from './evidence.ts';

/** Euclidean norm without overflow for the magnitudes of singular values. */
export function norm(values: Float64Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}

/** |s(W') - s(W)|_2, both spectra descending. */
export function shift({ reference, variant }: SpectrumEvidence): number {
  return Math.sqrt(reference.reduce((sum, value, i) => sum + ((variant[i] ?? NaN) - value) ** 2, 0));
}

export const spectralShift: Measure = {
  info: {
    id: 'spectrum.nss',
    version: 1,
    group: 'B4',
    title: 'Normalised spectral shift',
    formula: "|s(W') - s(W)|_2 / |s(W)|_2 over all singular values, descending",
    meaning: 'How far the spectrum moved. It grows with the size of the update: read it beside its ceiling.',
    parameters: {},
    unit: 'ratio',
    baseline: { title: 'ceiling (Mirsky)', formula: '|dW|_F / |W|_F' },
    aggregation: 'unweighted-mean',
    arity: 'variant',
    headline: true,
    scope: 'matrices',
    complement: null,
    optional: false,
    normMatched: 'value',
    sources: [{ arxiv: '2511.08567', where: 'section 3; ceiling: Mirsky 1960' }],
  },
  needs: ['spectra'],
  measure: ({ spectra }) => {
    if (!spectra) return { reason: 'not computed' };
    const size = norm(spectra.reference);
    if (size === 0) return ZERO_REFERENCE;
    return perMatrix(shift(spectra) / size, norm(spectra.update) / size);
  },
  value: quotient,
};

export const shiftOverCeiling: Measure = {
  info: {
    id: 'spectrum.nss-over-ceiling',
    version: 1,
    group: 'B4',
    title: 'Spectral shift over its ceiling',
    formula: "|s(W') - s(W)|_2 / |dW|_F, between 0 and 1",
    meaning:
      'Share of the update that moves the spectrum; near 0 the update is a rotation, near 1 a rescaling.',
    parameters: {},
    unit: 'ratio',
    baseline: {
      title: 'isotropic update, first order',
      formula: '1 / sqrt(max(m, n)): min(m, n) of mn directions move singular values',
    },
    aggregation: 'unweighted-mean',
    arity: 'variant',
    headline: true,
    scope: 'matrices',
    complement: null,
    optional: false,
    normMatched: 'invariant',
    sources: [
      { arxiv: '2511.08567', where: "section 3, normalised by Mirsky's inequality (own derivation)" },
      { arxiv: '2607.19331', where: 'spectral residual' },
    ],
  },
  needs: ['spectra'],
  measure: ({ spectra, rows, cols }) => {
    if (!spectra) return { reason: 'not computed' };
    const size = norm(spectra.update);
    return size === 0 ? ZERO_UPDATE : perMatrix(shift(spectra) / size, 1 / Math.sqrt(Math.max(rows, cols)));
  },
  value: quotient,
};
