import { NOT_COMPUTED, perMatrix, quotient, type Measure, type Undefined } from './Measure.ts';
import { powerLaw } from './powerLaw.ts';
import { norm } from './spectralShift.ts';

/** Fewer eigenvalues say nothing about a tail; WeightWatcher leaves such matrices out too. */
const FEWEST_EIGENVALUES = 50;
const FLOAT64_EPSILON = 2 ** -52;

const ZERO_MATRIX: Undefined = { reason: 'the matrix is exactly zero' };

/** Squared singular values above the rounding of the largest one, ascending. */
function eigenvalues(sigma: Float64Array, side: number): Float64Array {
  const all = sigma.map((value) => value * value).reverse();
  const floor = side * FLOAT64_EPSILON * (all.at(-1) ?? 0);
  return all.filter((value) => value > floor);
}

function alpha(sigma: Float64Array, side: number): number | Undefined {
  const tail = eigenvalues(sigma, side);
  if (tail.length < FEWEST_EIGENVALUES)
    return { reason: `fewer than ${String(FEWEST_EIGENVALUES)} eigenvalues to fit` };
  return powerLaw(tail)?.alpha ?? { reason: 'all eigenvalues are equal' };
}

interface Column {
  readonly name: string;
  readonly formula: string;
  readonly meaning: string;
  readonly unit: 'ratio' | 'dimensions';
  readonly sources: Measure['info']['sources'];
  /** @param side the longer side of the matrix */
  readonly of: (sigma: Float64Array, side: number) => number | Undefined;
}

const PLAIN = { arxiv: '2002.06716', where: 'WeightWatcher, column of this name, weights as stored' };

const COLUMNS: readonly Column[] = [
  {
    name: 'alpha',
    formula:
      "1 + n / sum ln(x / x_min) over eigenvalues x = s_i(W')^2 >= x_min, with the x_min of the smallest Kolmogorov-Smirnov distance",
    meaning:
      'Exponent of the tail of the spectrum. WeightWatcher further drops eigenvalues below 1e-5 whatever the scale of the weights, and may sample large matrices; where x_min lies above that, values agree. A fit exists for any spectrum: it does not show that there is a power law.',
    unit: 'ratio',
    sources: [PLAIN, { arxiv: '0706.1062', where: 'continuous maximum likelihood, sections 3.1 and 3.3' }],
    of: alpha,
  },
  {
    name: 'stable_rank',
    formula: "|W'|_F^2 / |W'|_2^2",
    meaning:
      'How many directions of the strength of the strongest one would hold the energy of the matrix; of the matrix, not of its update (that is rank.stable).',
    unit: 'dimensions',
    sources: [PLAIN],
    of: (sigma) => (norm(sigma) / (sigma[0] ?? NaN)) ** 2,
  },
  {
    name: 'log_spectral_norm',
    formula: "log10(s_1(W')^2)",
    meaning:
      'Of the largest eigenvalue, that is, of the squared spectral norm: twice the logarithm of the norm.',
    unit: 'ratio',
    sources: [PLAIN],
    of: (sigma) => 2 * Math.log10(sigma[0] ?? NaN),
  },
];

function column({ name, formula, meaning, unit, sources, of }: Column): Measure {
  return {
    info: {
      id: `ww.${name}`,
      version: 1,
      group: 'WW',
      title: name,
      formula,
      meaning,
      parameters: {},
      unit,
      baseline: { title: 'the reference', formula: 'the same for W' },
      aggregation: 'unweighted-mean',
      arity: 'variant',
      headline: false,
      scope: 'matrices',
      complement: null,
      optional: true,
      normMatched: 'invariant',
      sources: [...sources],
    },
    needs: ['spectra'],
    measure: ({ spectra, rows, cols }) => {
      if (!spectra) return NOT_COMPUTED;
      const side = Math.max(rows, cols);
      if (!spectra.variant[0]) return ZERO_MATRIX;
      const value = of(spectra.variant, side);
      if (typeof value !== 'number') return value;
      const before = spectra.reference[0] ? of(spectra.reference, side) : ZERO_MATRIX;
      return perMatrix(value, typeof before === 'number' ? before : null);
    },
    value: quotient,
  };
}

/** Columns that users of WeightWatcher know, under the same names. */
export const weightWatcher: readonly Measure[] = COLUMNS.map(column);
