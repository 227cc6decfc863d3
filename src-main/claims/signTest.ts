/** log of the binomial coefficient n over k. */
function logChoose(n: number, k: number): number {
  let sum = 0;
  for (let i = 1; i <= k; i++) sum += Math.log((n - k + i) / i);
  return sum;
}

/** Two-sided exact sign test: how often a fair coin is as far off as `above` against `below`. 1 when there is nothing to count. */
export function signTest(above: number, below: number): number {
  const n = above + below;
  const rarer = Math.min(above, below);
  let tail = 0;
  for (let k = 0; k <= rarer; k++) tail += Math.exp(logChoose(n, k) - n * Math.LN2);
  return Math.min(1, 2 * tail);
}
