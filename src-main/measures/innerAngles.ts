import { angleMeasure, type Cut } from './angleMeasure.ts';
import type { Evidence } from './evidence.ts';
import { NOT_COMPUTED, SMALL_MATRIX, type Measure, type Undefined } from './Measure.ts';

/** Why trailing directions are not compared although the matrix was decomposed. */
const TAIL_BELOW_FLOOR: Undefined = {
  reason:
    'the trailing singular values are at or below the noise floor of the decomposition: their directions are noise',
};

const shared = {
  parameters: { k: null },
  parametersFor: ({ k }: Pick<Evidence, 'k'>) => ({ k }),
  headline: false,
} as const;

const WARNING =
  'Gaps between neighbouring singular values are tiny here, so that a small update turns these directions far without meaning: large angles are expected and say little about training.';

const MIDDLE: Cut = {
  ...shared,
  id: 'angles.middle',
  directions: 'middle',
  title: ', middle of the spectrum',
  indices: ', columns floor((min(m, n) - k) / 2) + 1 and the k - 1 after it',
  warning: WARNING,
  needs: ['spectra', 'middle'],
  find: ({ middle, k }) => (k === 0 ? SMALL_MATRIX : middle ? { angles: middle, k } : NOT_COMPUTED),
};

const TAIL: Cut = {
  ...shared,
  id: 'angles.tail',
  directions: 'trailing',
  title: ', tail of the spectrum',
  indices: ', the last k columns of the min(m, n)',
  warning: `${WARNING} Undefined where the values are at or below the floor of the decomposition.`,
  needs: ['spectra', 'tail'],
  find: ({ spectra, tail, k }) => {
    if (k === 0) return SMALL_MATRIX;
    if (tail) return { angles: tail, k };
    return spectra ? TAIL_BELOW_FLOOR : NOT_COMPUTED;
  },
};

/** Angles in the middle and at the end of the spectrum. */
export const innerAngles: readonly Measure[] = [MIDDLE, TAIL].flatMap((cut) => [
  angleMeasure(cut, 'left', 'median'),
  angleMeasure(cut, 'left', 'max'),
  angleMeasure(cut, 'right', 'median'),
  angleMeasure(cut, 'right', 'max'),
]);
