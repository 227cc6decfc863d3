import type { EnergyEvidence } from './evidence.ts';
import { perMatrix, quotient, SMALL_MATRIX, ZERO_UPDATE, type Measure } from './Measure.ts';

interface Share {
  readonly id: string;
  readonly title: string;
  readonly formula: string;
  readonly meaning: string;
  readonly chance: string;
  readonly headline: boolean;
  readonly of: (energy: EnergyEvidence) => number;
  readonly expected: (k: number, rows: number, cols: number) => number;
}

const SHARES: readonly Share[] = [
  {
    id: 'energy.two-sided',
    title: 'Update energy inside the principal subspaces',
    formula: '|U_k^T dW V_k|_F^2 / |dW|_F^2',
    meaning:
      'Above its baseline the update leans toward the principal directions of the reference, below it away from them.',
    chance: 'k^2 / (mn)',
    headline: true,
    of: (energy) => energy.twoSided,
    expected: (k, rows, cols) => (k / rows) * (k / cols),
  },
  {
    id: 'energy.spectral',
    title: 'Spectral part of the update',
    formula: '|diag(U_k^T dW V_k)|_2^2 / |dW|_F^2',
    meaning: 'Energy that moves the k leading singular values, to first order.',
    chance: 'k / (mn)',
    headline: false,
    of: (energy) => energy.diagonal,
    expected: (k, rows, cols) => k / (rows * cols),
  },
  {
    id: 'energy.rotational',
    title: 'Rotational part of the update inside the principal subspaces',
    formula: '(|U_k^T dW V_k|_F^2 - |diag(U_k^T dW V_k)|_2^2) / |dW|_F^2',
    meaning: 'Energy that turns the k leading directions among themselves, to first order.',
    chance: '(k^2 - k) / (mn)',
    headline: false,
    of: (energy) => energy.twoSided - energy.diagonal,
    expected: (k, rows, cols) => (k * (k - 1)) / (rows * cols),
  },
  {
    id: 'energy.left',
    title: 'Update energy in the principal output directions',
    formula: '|U_k^T dW|_F^2 / |dW|_F^2',
    meaning: 'Share of the update that writes into the k leading output directions of the reference.',
    chance: 'k / m',
    headline: false,
    of: (energy) => energy.left,
    expected: (k, rows) => k / rows,
  },
  {
    id: 'energy.right',
    title: 'Update energy in the principal input directions',
    formula: '|dW V_k|_F^2 / |dW|_F^2',
    meaning: 'Share of the update that reads from the k leading input directions of the reference.',
    chance: 'k / n',
    headline: false,
    of: (energy) => energy.right,
    expected: (k, _rows, cols) => k / cols,
  },
];

/** Update energy in the frame of the reference, in the shares that arXiv 2509.12235's public code reports. */
export const updateEnergy: readonly Measure[] = SHARES.map(
  ({ id, title, formula, meaning, chance, headline, of, expected }) => ({
    info: {
      id,
      version: 1,
      group: 'B7',
      title,
      formula: `${formula}, U_k and V_k the k leading singular vectors of W`,
      meaning,
      parameters: { k: null },
      unit: 'share',
      baseline: { title: 'isotropic update', formula: chance },
      aggregation: 'unweighted-mean',
      arity: 'variant',
      headline,
      scope: 'matrices',
      complement: null,
      optional: false,
      normMatched: 'invariant',
      sources: [
        { arxiv: '2509.12235', where: 'raw_metrics_angle.py; baseline by counting dimensions (own)' },
      ],
    },
    needs: ['energy'],
    parametersFor: ({ k }) => ({ k }),
    measure: ({ energy, k, rows, cols }) => {
      if (k === 0) return SMALL_MATRIX;
      if (!energy) return { reason: 'not computed' };
      if (energy.total === 0) return ZERO_UPDATE;
      return perMatrix(of(energy) / energy.total, expected(k, rows, cols));
    },
    value: quotient,
  }),
);
