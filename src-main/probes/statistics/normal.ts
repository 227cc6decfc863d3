/** Two-sided 5 %: the 97.5 % quantile of the normal distribution. */
export const Z_95 = 1.959963984540054;

/** Power of 80 %: the 80 % quantile. */
export const Z_POWER_80 = 0.8416212335729143;

const TERMS = 200;
const HALVINGS = 60;

/** How much of a normal distribution lies above `z` > 0: a continued fraction far out (Laplace), a power series near the middle. */
function above(z: number): number {
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  if (z > 3) {
    let fraction = z;
    for (let k = TERMS; k > 0; k--) fraction = z + k / fraction;
    return density / fraction;
  }
  let [term, sum] = [z, z];
  for (let k = 1; k < TERMS; k++) {
    term *= (z * z) / (2 * k + 1);
    sum += term;
  }
  return 0.5 - density * sum;
}

/** How many standard errors either way hold all but 5 % shared by so many intervals at once (Bonferroni). 1.96 for one. */
export function simultaneousZ(intervals: number): number {
  const tail = 0.025 / Math.max(1, intervals);
  let [low, high] = [1, 40];
  for (let i = 0; i < HALVINGS; i++) {
    const tried = (low + high) / 2;
    if (above(tried) > tail) low = tried;
    else high = tried;
  }
  return high;
}
