import type { SvfEvidence } from './evidence.ts';
import { NOT_COMPUTED, perMatrix, quotient, ZERO_UPDATE, type Measure } from './Measure.ts';

const SOURCE = {
  arxiv: '2501.06252',
  where: 'singular value fine-tuning; best-fitting z is own: z_i - 1 = u_i^T dW v_i / s_i',
};

const shared = {
  version: 1,
  group: 'B10',
  parameters: {},
  aggregation: 'unweighted-mean',
  arity: 'variant',
  headline: false,
  scope: 'matrices',
  complement: null,
  optional: true,
} as const;

const sumSquares = (values: Float64Array): number => values.reduce((sum, value) => sum + value * value, 0);

const explained: Measure = {
  info: {
    ...shared,
    id: 'svf.explained',
    title: 'Update that rescaling singular values explains',
    formula: '|diag(U^T dW V)|_2^2 / |dW|_F^2 over all min(m, n) singular directions of W',
    meaning:
      'Share of the update that U diag(s z) V^T can reach with the best z. Near its baseline, training moved in ways that this form cannot follow.',
    unit: 'share',
    baseline: { title: 'isotropic update', formula: '1 / max(m, n): min(m, n) of mn directions' },
    normMatched: 'invariant',
    sources: [SOURCE],
  },
  needs: ['svf'],
  measure: ({ svf, rows, cols }) => {
    if (!svf) return NOT_COMPUTED;
    if (svf.total === 0) return ZERO_UPDATE;
    return perMatrix(sumSquares(svf.diagonal) / svf.total, 1 / Math.max(rows, cols));
  },
  value: quotient,
};

/** 1 / s_i of the directions above the floor, 0 for the others. */
function inverses({ sigma, floor }: SvfEvidence): Float64Array {
  return sigma.map((value) => (value > floor ? 1 / value : 0));
}

const spread: Measure = {
  info: {
    ...shared,
    id: 'svf.z-rms',
    title: 'Spread of the best-fitting z',
    formula:
      'sqrt(mean (z_i - 1)^2), z_i - 1 = u_i^T dW v_i / s_i(W), over directions with s_i above the floor',
    meaning:
      'How far the best z is from leaving every singular value alone. Single z_i are ill-defined where singular values nearly coincide, and small s_i weigh most.',
    unit: 'ratio',
    baseline: {
      title: 'isotropic update of the same norm',
      formula: '|dW|_F sqrt(mean 1 / s_i^2) / sqrt(mn) over the same directions',
    },
    normMatched: 'value',
    sources: [SOURCE],
  },
  needs: ['svf'],
  measure: ({ svf, rows, cols }) => {
    if (!svf) return NOT_COMPUTED;
    const inverse = inverses(svf);
    const count = inverse.filter((value) => value > 0).length;
    if (count === 0) return { reason: 'no singular value of the reference is above the floor' };
    const z = svf.diagonal.map((value, i) => value * (inverse[i] ?? NaN));
    return perMatrix(
      Math.sqrt(sumSquares(z) / count),
      Math.sqrt((svf.total / (rows * cols)) * (sumSquares(inverse) / count)),
    );
  },
  value: quotient,
};

/** How much of an update singular value fine-tuning could have made. */
export const svfFit: readonly Measure[] = [explained, spread];
