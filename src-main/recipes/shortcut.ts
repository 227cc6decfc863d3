import { must } from '../base/assert.ts';
import type { TensorInfo } from '../contract/checkpoint.ts';
import { directionCount, directionRanges, rangeCount } from './directions.ts';
import { isStoredAs } from './madeDtype.ts';
import type { Step } from './Step.ts';

/** The smaller side of a tensor as a matrix. */
export function directionsOf({ shape }: Pick<TensorInfo, 'shape'>): number {
  const [rows = 1, ...rest] = shape.length < 2 ? [1, ...shape] : shape;
  return Math.min(
    rows,
    rest.reduce((product, size) => product * size, 1),
  );
}

export type Outcome = 'unchanged' | 'other' | 'computed';

const between = (value: number, { unchanged, other }: { unchanged: number; other: number }): Outcome =>
  value === unchanged ? 'unchanged' : value === other ? 'other' : 'computed';

function outcomeOfRestore(edit: Extract<Step['edit'], { edit: 'restore' }>, d: number): Outcome {
  const outcome = between(rangeCount(directionRanges(edit, d)), { unchanged: 0, other: d });
  // Only with both does the whole of the directions make the donor itself.
  return outcome === 'other' && (edit.values === 'target' || edit.vectors === 'target')
    ? 'computed'
    : outcome;
}

/** What an edit is at the ends of its range: nothing at all, or the other input itself. @param d singular directions of the tensor */
export function outcomeOf(edit: Step['edit'], d: number): Outcome {
  switch (edit.edit) {
    case 'take':
      return 'other';
    case 'restore':
      return outcomeOfRestore(edit, d);
    case 'interpolate':
      return between(edit.amount, { unchanged: 0, other: 1 });
    case 'scale-update':
      return between(edit.factor, { unchanged: 1, other: 0 });
    case 'truncate-update':
      return between(directionCount(edit.rank, d), { unchanged: d, other: 0 });
    default:
      return 'computed';
  }
}

/**
 * What a step makes of a tensor without computing: nothing, or another tensor as it is stored. Bits are then those of the source.
 * @param target as whose type the result is stored
 */
export function shortcut(step: Step, target: TensorInfo): 'unchanged' | 'computed' | TensorInfo {
  const outcome = outcomeOf(step.edit, directionsOf(target));
  if (outcome !== 'other') return outcome;
  const other = must([...step.others.values()][0], step.edit.edit);
  return step.edit.edit === 'take' || isStoredAs(other, target) ? other : 'computed';
}
