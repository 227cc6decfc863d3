import { must } from '../../base/assert.ts';
import { holm } from './holm.ts';

/** Comparisons of one table with `pAdjusted` corrected over all of them. */
export function holmed<T extends { readonly p: number }>(
  comparisons: readonly T[],
): (T & { pAdjusted: number })[] {
  const adjusted = holm(comparisons.map(({ p }) => p));
  return comparisons.map((one, i) => ({ ...one, pAdjusted: must(adjusted[i], 'one per comparison') }));
}
