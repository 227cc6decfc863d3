import { signTest } from '../base/signTest.ts';

/** Share of the matrices that must lie on one side, and the chance of that under a fair coin. */
const MOST = 2 / 3;
const UNLIKELY = 0.01;

export interface Sides {
  readonly above: number;
  readonly below: number;
  /** The side on which most lie; level where neither has two thirds, or where a coin does as well. */
  readonly side: 'above' | 'below' | 'level';
}

/** Signs of differences, exact ties left out. Eight of eight is the least that convinces. */
export function sides(differences: readonly number[]): Sides {
  const above = differences.filter((difference) => difference > 0).length;
  const below = differences.filter((difference) => difference < 0).length;
  const convinces = Math.max(above, below) >= MOST * (above + below) && signTest(above, below) <= UNLIKELY;
  return { above, below, side: !convinces ? 'level' : above > below ? 'above' : 'below' };
}

/** How the rules below word the test. */
export const SIDES_RULE =
  'at least two thirds of the matrices lie on that side (exact sign test p <= 0.01, so at least eight matrices; matrices of one model are not independent, the test only keeps small studies from deciding)';
