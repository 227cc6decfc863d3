import { randomAngles } from './chance.ts';
import type { AngleEvidence, Evidence, Ingredient } from './evidence.ts';
import { perMatrix, quotient, type Measure, type Undefined } from './Measure.ts';

/** Which singular subspaces are compared. */
export interface Cut {
  /** What the ids begin with, e.g. "angles.tail". */
  readonly id: string;
  /** e.g. "of the k leading directions" -> "leading". */
  readonly directions: string;
  /** Added to titles, e.g. ", trailing directions"; empty for the leading ones. */
  readonly title: string;
  /** The directions as a set of indices, e.g. "i <= k". */
  readonly indices: string;
  /** What to beware of at this cut, for every statistic. */
  readonly warning: string;
  readonly parameters: Measure['info']['parameters'];
  readonly parametersFor?: (evidence: Pick<Evidence, 'k'>) => Measure['info']['parameters'];
  readonly needs: readonly Ingredient[];
  /** Medians and maxima lead the overview. */
  readonly headline: boolean;
  readonly find: (evidence: Evidence) => { readonly angles: AngleEvidence; readonly k: number } | Undefined;
}

const at = (values: Float64Array, i: number): number => values[i] ?? NaN;

const STATISTICS = {
  median: {
    title: 'Median',
    of: (angles: Float64Array): number => {
      const middle = angles.length / 2;
      return angles.length % 2 === 1
        ? at(angles, Math.floor(middle))
        : (at(angles, middle - 1) + at(angles, middle)) / 2;
    },
  },
  mean: {
    title: 'Mean',
    of: (angles: Float64Array): number => angles.reduce((sum, angle) => sum + angle, 0) / angles.length,
  },
  max: { title: 'Largest', of: (angles: Float64Array): number => angles.at(-1) ?? NaN },
} as const;
export type AngleStatistic = keyof typeof STATISTICS;

const SIDES = {
  left: { vectors: 'U', space: 'output', dimension: ({ rows }: Evidence): number => rows },
  right: { vectors: 'V', space: 'input', dimension: ({ cols }: Evidence): number => cols },
} as const;
export type AngleSide = keyof typeof SIDES;

const SOURCES = [
  { arxiv: '2511.08567', where: 'section 3 (its k is not stated)' },
  { arxiv: '2509.12235', where: 'raw_metrics_angle.py, with its numerics corrected' },
];

function meaningOf(cut: Cut, space: string, statistic: AngleStatistic): string {
  const plain =
    statistic === 'max'
      ? 'Dominated by the direction at the cut: where the gap there is small, the largest angle is large without meaning. Read it beside the median and the gap.'
      : `How far the k ${cut.directions} singular directions of the ${space} side turned.`;
  return cut.warning === '' ? plain : `${plain} ${cut.warning}`;
}

/** One statistic of the principal angles of one side at one cut, in degrees. */
export function angleMeasure(cut: Cut, side: AngleSide, statistic: AngleStatistic): Measure {
  const { vectors, space, dimension } = SIDES[side];
  const { title, of } = STATISTICS[statistic];
  const { parametersFor } = cut;
  return {
    info: {
      id: `${cut.id}.${side}.${statistic}`,
      version: 1,
      group: 'B5',
      title: `${title} principal angle, ${space} side${cut.title}`,
      formula: `${statistic} over i <= k of theta_i, cos theta_i = s_i(${vectors}_k^T ${vectors}'_k)${cut.indices}, computed from the sines in float64`,
      meaning: meaningOf(cut, space, statistic),
      parameters: cut.parameters,
      unit: 'degrees',
      baseline: {
        title: 'two random k-subspaces',
        formula: `${statistic} of the Jacobi law with ratio k / d; mean cos^2 = k / d`,
      },
      aggregation: 'unweighted-mean',
      arity: 'variant',
      headline: cut.headline && statistic !== 'mean',
      scope: 'matrices',
      complement: null,
      optional: false,
      normMatched: 'value',
      sources: SOURCES,
    },
    needs: cut.needs,
    ...(parametersFor ? { parametersFor } : {}),
    measure: (evidence) => {
      const found = cut.find(evidence);
      if ('reason' in found) return found;
      const chance = randomAngles(found.k, dimension(evidence))[statistic];
      return perMatrix((of(found.angles[side]) * 180) / Math.PI, chance);
    },
    value: quotient,
  };
}
