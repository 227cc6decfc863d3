import { randomAngles } from './chance.ts';
import { perMatrix, quotient, SMALL_MATRIX, type Measure } from './Measure.ts';

const turned = (space: string): string =>
  `How far the k leading singular directions of the ${space} side turned.`;

const STATISTICS = {
  median: {
    title: 'Median',
    meaning: turned,
    of: (angles: Float64Array): number => {
      const middle = angles.length / 2;
      const at = (i: number): number => angles[i] ?? NaN;
      return angles.length % 2 === 1 ? at(Math.floor(middle)) : (at(middle - 1) + at(middle)) / 2;
    },
  },
  mean: {
    title: 'Mean',
    meaning: turned,
    of: (angles: Float64Array): number => angles.reduce((sum, angle) => sum + angle, 0) / angles.length,
  },
  max: {
    title: 'Largest',
    meaning: () =>
      'Dominated by the direction at the cut: where the gap there is small, the largest angle is large without meaning. Read it beside the median and the gap.',
    of: (angles: Float64Array): number => angles.at(-1) ?? NaN,
  },
} as const;

const SIDES = {
  left: { vectors: 'U', space: 'output', dimension: (rows: number): number => rows },
  right: { vectors: 'V', space: 'input', dimension: (_rows: number, cols: number): number => cols },
} as const;

/** One statistic of the principal angles of one side, in degrees. */
function principalAngle(side: keyof typeof SIDES, statistic: keyof typeof STATISTICS): Measure {
  const { vectors, space, dimension } = SIDES[side];
  const { title, of, meaning } = STATISTICS[statistic];
  return {
    info: {
      id: `angles.${side}.${statistic}`,
      version: 1,
      group: 'B5',
      title: `${title} principal angle, ${space} side`,
      formula: `${statistic} over i <= k of theta_i, cos theta_i = s_i(${vectors}_k^T ${vectors}'_k), computed from the sines in float64`,
      meaning: meaning(space),
      parameters: { k: null },
      unit: 'degrees',
      baseline: {
        title: 'two random k-subspaces',
        formula: `${statistic} of the Jacobi law with ratio k / d; mean cos^2 = k / d`,
      },
      aggregation: 'unweighted-mean',
      arity: 'variant',
      headline: statistic === 'median' || statistic === 'max',
      scope: 'matrices',
      complement: null,
      optional: false,
      normMatched: 'value',
      sources: [
        { arxiv: '2511.08567', where: 'section 3 (its k is not stated)' },
        { arxiv: '2509.12235', where: 'raw_metrics_angle.py, with its numerics corrected' },
      ],
    },
    needs: ['angles'],
    parametersFor: ({ k }) => ({ k }),
    measure: ({ angles, rows, cols, k }) => {
      if (k === 0) return SMALL_MATRIX;
      if (!angles) return { reason: 'not computed' };
      const chance = randomAngles(k, dimension(rows, cols))[statistic];
      return perMatrix((of(angles[side]) * 180) / Math.PI, chance);
    },
    value: quotient,
  };
}

export const principalAngles: readonly Measure[] = [
  principalAngle('left', 'median'),
  principalAngle('left', 'mean'),
  principalAngle('left', 'max'),
  principalAngle('right', 'median'),
  principalAngle('right', 'mean'),
  principalAngle('right', 'max'),
];
