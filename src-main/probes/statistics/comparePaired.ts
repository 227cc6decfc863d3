import { assert } from '../../base/assert.ts';
import type { Paired } from '../../contract/probe.ts';
import { middle95, resampledMeans } from './bootstrap.ts';
import { detectableDifference } from './power.ts';
import { mcnemar } from './mcnemar.ts';

/** The second model against the first on the same problems, in the same order; true is a right answer. `pAdjusted` is null. */
export function comparePaired(first: readonly boolean[], second: readonly boolean[], seed: number): Paired {
  assert(first.length === second.length, 'paired answers are of the same problems');
  const n = first.length;
  const changes = first.map((right, i) => Number(second[i]) - Number(right));
  const gained = changes.filter((change) => change > 0).length;
  const lost = changes.filter((change) => change < 0).length;
  const [means] = n > 0 ? resampledMeans([changes], seed) : [];
  return {
    n,
    gained,
    lost,
    difference: n > 0 ? (gained - lost) / n : 0,
    interval: means ? middle95(means) : [-1, 1],
    p: mcnemar(gained, lost),
    pAdjusted: null,
    detectable: detectableDifference(n, n > 0 ? (gained + lost) / n : 1),
  };
}
