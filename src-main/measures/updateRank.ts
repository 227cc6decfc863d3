import { gaussianEffectiveRank, gaussianEnergyRank, gaussianStableRank } from './chance.ts';
import { perMatrix, quotient, ZERO_UPDATE, type Measure } from './Measure.ts';
import { norm } from './spectralShift.ts';

const FLOAT32_EPSILON = 2 ** -23;

interface Rank {
  readonly id: string;
  readonly title: string;
  readonly formula: string;
  readonly meaning: string;
  readonly unit: 'share' | 'dimensions';
  readonly headline: boolean;
  readonly chance: string;
  readonly arxiv: string | null;
  readonly where: string;
  readonly parameters: Measure['info']['parameters'];
  readonly of: (sigma: Float64Array, rows: number, cols: number) => number;
  readonly expected: (rows: number, cols: number) => number;
}

/** Shannon effective rank: exp of the entropy of s_i / sum s. */
function effectiveRank(sigma: Float64Array): number {
  const total = sigma.reduce((sum, value) => sum + value, 0);
  const entropy = sigma.reduce(
    (sum, value) => (value > 0 ? sum - (value / total) * Math.log(value / total) : sum),
    0,
  );
  return Math.exp(entropy);
}

/** Smallest number of leading singular values whose squares reach a share of their sum. */
function energyRank(sigma: Float64Array, share: number): number {
  const target = share * norm(sigma) ** 2;
  let energy = 0;
  for (const [i, value] of sigma.entries()) {
    energy += value * value;
    if (energy >= target * (1 - 1e-12)) return i + 1;
  }
  return sigma.length;
}

const energyRanks: readonly Rank[] = [50, 90, 99].map((percent) => ({
  id: `rank.energy-${String(percent)}`,
  title: `Directions that hold ${String(percent)} % of the update`,
  formula: `smallest r with sum_{i<=r} s_i(dW)^2 >= ${String(percent / 100)} |dW|_F^2`,
  meaning: 'The energy curve of the update at one level; the whole curve follows from the stored spectrum.',
  unit: 'dimensions',
  headline: false,
  chance: 'quantile of the Marchenko-Pastur law',
  arxiv: '2510.00553',
  where: 'norm shares of the leading components',
  parameters: { share: percent / 100 },
  of: (sigma) => energyRank(sigma, percent / 100),
  expected: (rows, cols) => gaussianEnergyRank(rows, cols, percent / 100),
}));

const RANKS: readonly Rank[] = [
  {
    id: 'rank.numerical',
    title: 'Numerical rank of the update',
    formula: '#{s_i(dW) > max(m, n) eps_32 s_1(dW)} / min(m, n), dW the exact difference',
    meaning:
      'The rounding of two bf16 matrices is full rank by itself, so a value near 100 % says almost nothing.',
    unit: 'share',
    headline: false,
    chance: '1: rounding noise alone is full rank',
    arxiv: '2505.11711',
    where: 'src/update_rank.py (torch.linalg.matrix_rank default), difference taken exactly',
    parameters: { tolerance: 'max(m, n) 2^-23 s_1' },
    of: (sigma, rows, cols) => {
      const cut = Math.max(rows, cols) * FLOAT32_EPSILON * (sigma[0] ?? 0);
      return sigma.filter((value) => value > cut).length / sigma.length;
    },
    expected: () => 1,
  },
  {
    id: 'rank.stable',
    title: 'Stable rank of the update',
    formula: '|dW|_F^2 / |dW|_2^2',
    meaning: 'How many directions of the strength of the strongest one would hold the energy of the update.',
    unit: 'dimensions',
    headline: true,
    chance: 'mn / (sqrt m + sqrt n)^2',
    arxiv: '2606.07082',
    where: 'stable rank',
    parameters: {},
    of: (sigma) => (norm(sigma) / (sigma[0] ?? NaN)) ** 2,
    expected: gaussianStableRank,
  },
  {
    id: 'rank.effective',
    title: 'Effective rank of the update',
    formula: 'exp(-sum p_i ln p_i), p_i = s_i(dW) / sum s(dW)',
    meaning:
      'Spread of the update over directions; less sensitive to the strongest one than the stable rank.',
    unit: 'dimensions',
    headline: false,
    chance: 'the same functional of the Marchenko-Pastur law',
    arxiv: null,
    where: 'Roy and Vetterli, EUSIPCO 2007',
    parameters: {},
    of: effectiveRank,
    expected: gaussianEffectiveRank,
  },
  ...energyRanks,
];

const ranks = RANKS.map(({ chance, arxiv, where, of, expected, ...described }): Measure => ({
  info: {
    ...described,
    version: 1,
    group: 'B8',
    baseline: { title: 'update of independent Gaussian entries', formula: chance },
    aggregation: 'unweighted-mean',
    arity: 'variant',
    scope: 'matrices',
    complement: null,
    optional: false,
    normMatched: 'invariant',
    sources: [{ arxiv, where }],
  },
  needs: ['spectra'],
  measure: ({ spectra, rows, cols }) => {
    if (!spectra) return { reason: 'not computed' };
    if (!spectra.update[0]) return ZERO_UPDATE;
    return perMatrix(of(spectra.update, rows, cols), expected(rows, cols));
  },
  value: quotient,
}));

const oneNormShare: Measure = {
  info: {
    id: 'rank.one-norm-share',
    version: 1,
    group: 'B8',
    title: 'Norm share of the strongest direction',
    formula: 'sum over matrices of s_1(dW) / sum over matrices of |dW|_F',
    meaning:
      'Not squared: 19 % of the norm is 4 % of the energy. A rank-1 replacement of equal norm inflates this direction by its inverse.',
    parameters: {},
    unit: 'share',
    baseline: { title: 'update of independent Gaussian entries', formula: '(sqrt m + sqrt n) / sqrt(mn)' },
    aggregation: 'ratio-of-sums',
    arity: 'variant',
    headline: false,
    scope: 'matrices',
    complement: null,
    optional: false,
    normMatched: 'invariant',
    sources: [{ arxiv: '2510.00553', where: 'Tables 7, 8 and public code' }],
  },
  needs: ['spectra'],
  measure: ({ spectra, rows, cols }) => {
    if (!spectra) return { reason: 'not computed' };
    const strongest = spectra.update[0] ?? 0;
    if (strongest === 0) return ZERO_UPDATE;
    const size = norm(spectra.update);
    return { parts: [strongest, size], baseline: [size / Math.sqrt(gaussianStableRank(rows, cols)), size] };
  },
  value: quotient,
};

/** Rank of the update in the field's several senses, each beside what noise gives. */
export const updateRank: readonly Measure[] = [...ranks, oneNormShare];
