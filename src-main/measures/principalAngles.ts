import { angleMeasure, type Cut } from './angleMeasure.ts';
import { NOT_COMPUTED, SMALL_MATRIX, type Measure } from './Measure.ts';

const HEAD: Cut = {
  id: 'angles',
  directions: 'leading',
  title: '',
  indices: '',
  warning: '',
  parameters: { k: null },
  parametersFor: ({ k }) => ({ k }),
  needs: ['angles'],
  headline: true,
  find: ({ angles, k }) => (k === 0 ? SMALL_MATRIX : angles ? { angles, k } : NOT_COMPUTED),
};

/** Angles between the k leading singular subspaces. */
export const principalAngles: readonly Measure[] = [
  angleMeasure(HEAD, 'left', 'median'),
  angleMeasure(HEAD, 'left', 'mean'),
  angleMeasure(HEAD, 'left', 'max'),
  angleMeasure(HEAD, 'right', 'median'),
  angleMeasure(HEAD, 'right', 'mean'),
  angleMeasure(HEAD, 'right', 'max'),
];
