/** Two-sided exact sign test: how often a fair coin is as far off as `above` against `below`. 1 when there is nothing to count. */
export function signTest(above: number, below: number): number {
  const n = above + below;
  const rarer = Math.min(above, below);
  // log of the probability of k heads, from k - 1; its exponential may underflow to 0 where it does not matter.
  let term = -n * Math.LN2;
  let tail = 0;
  for (let k = 0; k <= rarer; k++) {
    if (k > 0) term += Math.log((n - k + 1) / k);
    tail += Math.exp(term);
  }
  return Math.min(1, 2 * tail);
}
