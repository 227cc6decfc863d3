import { Z_95 } from './normal.ts';

const HALVINGS = 50;

/** By how many standard errors a difference of `delta` is off what was counted, with the standard error that the likeliest shares of that difference give. */
function score(delta: number, { n, gained, lost }: PairedCounts): number {
  // The likeliest share of losses when gains are `delta` more: the larger root of a quadratic equation (Tango 1998, equation 9 ff.).
  const b = (2 * n - gained + lost) * delta - gained - lost;
  const c = -lost * delta * (1 - delta);
  const losses = (Math.sqrt(Math.max(0, b * b - 8 * n * c)) - b) / (4 * n);
  const variance = n * (2 * losses + delta * (1 - delta));
  const off = gained - lost - n * delta;
  return variance > 0 ? off / Math.sqrt(variance) : Math.sign(off) * Number.POSITIVE_INFINITY;
}

/** Of `n` problems, those that only the second and only the first of two models answered right. */
export interface PairedCounts {
  readonly n: number;
  readonly gained: number;
  readonly lost: number;
}

function end(counts: PairedCounts, side: -1 | 1): number {
  let inside = (counts.gained - counts.lost) / counts.n;
  let outside: number = side;
  for (let i = 0; i < HALVINGS; i++) {
    const tried = (inside + outside) / 2;
    if (Math.abs(score(tried, counts)) <= Z_95) inside = tried;
    else outside = tried;
  }
  return inside;
}

/**
 * The 95 % score interval of a difference of two accuracies on the same problems (Tango 1998, Statistics in Medicine 17:891-908): every
 * difference that a score test at 5 % does not reject. Unlike a bootstrap it has a width where no answers differ (3.84 / (n + 3.84) to either
 * side), because none of n does not mean never. Without problems: everything is possible.
 */
export function pairedInterval(counts: PairedCounts): [number, number] {
  return counts.n === 0 ? [-1, 1] : [end(counts, -1), end(counts, 1)];
}
