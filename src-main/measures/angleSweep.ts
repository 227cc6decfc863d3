import { angleMeasure, type Cut } from './angleMeasure.ts';
import { principalDimension } from './evidence.ts';
import { NOT_COMPUTED, type Measure, type Undefined } from './Measure.ts';
import { gapMeasure } from './subspaceGap.ts';

/** k is never capped in a sweep: it is part of the name. */
function tooLarge(k: number, rows: number, cols: number): Undefined | null {
  return principalDimension(k, rows, cols) === k
    ? null
    : {
        reason: `k = ${String(k)} is more than half of the smaller side: some angles would be 0 by counting`,
      };
}

function cutAt(k: number): Cut {
  return {
    id: `angles.k-${String(k)}`,
    directions: 'leading',
    title: `, k = ${String(k)}`,
    indices: '',
    warning: '',
    parameters: { k },
    needs: ['sweep'],
    headline: false,
    find: ({ sweep, rows, cols }) => {
      const refused = tooLarge(k, rows, cols);
      if (refused) return refused;
      const angles = sweep?.get(k);
      return angles ? { angles, k } : NOT_COMPUTED;
    },
  };
}

function gapAt(k: number): Measure {
  return gapMeasure({
    id: `angles.k-${String(k)}.gap`,
    title: `Gap at the cut, k = ${String(k)}`,
    parameters: { k },
    dimension: ({ rows, cols }) => tooLarge(k, rows, cols) ?? k,
  });
}

/** Angles of the leading subspaces, and the gap at each cut, over a sweep of dimensions. */
export function angleSweep(dimensions: readonly number[]): readonly Measure[] {
  return [...new Set(dimensions)]
    .sort((a, b) => a - b)
    .flatMap((k) => [
      angleMeasure(cutAt(k), 'left', 'median'),
      angleMeasure(cutAt(k), 'left', 'max'),
      angleMeasure(cutAt(k), 'right', 'median'),
      angleMeasure(cutAt(k), 'right', 'max'),
      gapAt(k),
    ]);
}
