import { assert } from '../../base/assert.ts';
import type { Paired } from '../../contract/probe.ts';
import { mcnemar } from './mcnemar.ts';
import { pairedInterval } from './pairedInterval.ts';
import { detectableDifference } from './power.ts';

/** The second model against the first on the same problems, in the same order; true is a right answer. `pAdjusted` is null. */
export function comparePaired(first: readonly boolean[], second: readonly boolean[]): Paired {
  assert(first.length === second.length, 'paired answers are of the same problems');
  const n = first.length;
  let [gained, lost] = [0, 0];
  for (const [i, right] of first.entries()) {
    if (right === second[i]) continue;
    if (right) lost++;
    else gained++;
  }
  return {
    n,
    gained,
    lost,
    difference: n > 0 ? (gained - lost) / n : 0,
    interval: pairedInterval({ n, gained, lost }),
    p: mcnemar(gained, lost),
    pAdjusted: null,
    detectable: detectableDifference(n, n > 0 ? (gained + lost) / n : 1),
  };
}
