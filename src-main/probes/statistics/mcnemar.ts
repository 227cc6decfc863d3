import { signTest } from '../../base/signTest.ts';

/**
 * Exact two-sided test of McNemar: whether as many problems were gained as lost, by the binomial distribution of the problems that
 * two models answer differently. 1 when there are none.
 */
export function mcnemar(gained: number, lost: number): number {
  return signTest(gained, lost);
}
