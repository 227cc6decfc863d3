import { perMatrix, quotient, SMALL_MATRIX, ZERO_REFERENCE, type Measure } from './Measure.ts';

/** Share of the first k entries in the sum of powers of singular values. */
function leadingShare(sigma: Float64Array, k: number, power: 1 | 2): number {
  const sum = (values: Float64Array): number => values.reduce((total, value) => total + value ** power, 0);
  return sum(sigma.subarray(0, k)) / sum(sigma);
}

function share(power: 1 | 2, info: Pick<Measure['info'], 'id' | 'title' | 'formula' | 'sources'>): Measure {
  return {
    info: {
      ...info,
      version: 1,
      group: 'B4',
      meaning:
        'How much of the matrix its leading directions hold, after training; the baseline is the same before training.',
      parameters: { k: null },
      unit: 'share',
      baseline: { title: 'the reference', formula: 'the same for W' },
      aggregation: 'unweighted-mean',
      arity: 'variant',
      headline: false,
      scope: 'matrices',
      complement: null,
      optional: false,
      normMatched: 'invariant',
    },
    needs: ['spectra'],
    parametersFor: ({ k }) => ({ k }),
    measure: ({ spectra, k }) => {
      if (!spectra) return { reason: 'not computed' };
      if (k === 0) return SMALL_MATRIX;
      if (spectra.reference[0] === 0) return ZERO_REFERENCE;
      return perMatrix(leadingShare(spectra.variant, k, power), leadingShare(spectra.reference, k, power));
    },
    value: quotient,
  };
}

/** Ky Fan k-norm over the nuclear norm: what arXiv 2511.08567 calls top-k energy. */
export const kyFanShare = share(1, {
  id: 'spectrum.ky-fan-share',
  title: 'Ky Fan share of the leading k',
  formula: "sum_{i<=k} s_i(W') / sum_i s_i(W')",
  sources: [{ arxiv: '2511.08567', where: 'top-k energy, not squared' }],
});

export const energyShare = share(2, {
  id: 'spectrum.energy-share',
  title: 'Energy share of the leading k',
  formula: "sum_{i<=k} s_i(W')^2 / |W'|_F^2",
  sources: [{ arxiv: '2606.07082', where: 'energy, squared' }],
});
