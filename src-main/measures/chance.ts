/** What independent Gaussian entries or random subspaces give, by random-matrix theory in the limit of large shapes. */

const STEPS = 4096;

/** The same quadrature is asked for by every tensor of a shape and every statistic: each is done once. */
function remembered<A extends readonly number[], T>(of: (...shape: A) => T): (...shape: A) => T {
  const known = new Map<string, T>();
  return (...shape) => {
    const key = shape.join();
    const value = known.get(key) ?? of(...shape);
    known.set(key, value);
    return value;
  };
}

/**
 * Squared singular values of a Gaussian (m, n) matrix, scaled, as a quadrature of the Marchenko-Pastur law: pairs of position and
 * weight, descending, weights summing to 1. Substituting x = centre + radius cos t removes the square roots at the edges.
 */
function marchenkoPastur(rows: number, cols: number): { x: number; weight: number }[] {
  const y = Math.min(rows, cols) / Math.max(rows, cols);
  const radius = 2 * Math.sqrt(y);
  const points: { x: number; weight: number }[] = [];
  let total = 0;
  for (let i = 0; i < STEPS; i++) {
    const t = (Math.PI * (i + 0.5)) / STEPS;
    const x = 1 + y + radius * Math.cos(t);
    const weight = Math.sin(t) ** 2 / x;
    total += weight;
    points.push({ x, weight });
  }
  return points.map(({ x, weight }) => ({ x, weight: weight / total }));
}

/** |G|_F^2 / |G|_2^2 of a Gaussian (m, n) matrix: mn / (sqrt m + sqrt n)^2. */
export function gaussianStableRank(rows: number, cols: number): number {
  return (rows * cols) / (Math.sqrt(rows) + Math.sqrt(cols)) ** 2;
}

function effectiveRankOf(rows: number, cols: number): number {
  let mean = 0;
  let meanLog = 0;
  for (const { x, weight } of marchenkoPastur(rows, cols)) {
    const s = Math.sqrt(x);
    mean += weight * s;
    meanLog += weight * s * Math.log(s);
  }
  return Math.min(rows, cols) * mean * Math.exp(-meanLog / mean);
}

/** exp of the entropy of s_i / sum s of a Gaussian matrix, s its singular values. */
export const gaussianEffectiveRank = remembered(effectiveRankOf);

function energyRankOf(rows: number, cols: number, share: number): number {
  const law = marchenkoPastur(rows, cols);
  const total = law.reduce((sum, { x, weight }) => sum + x * weight, 0);
  let energy = 0;
  let count = 0;
  for (const { x, weight } of law) {
    if (energy + x * weight >= share * total) {
      count += (weight * (share * total - energy)) / (x * weight);
      break;
    }
    energy += x * weight;
    count += weight;
  }
  return Math.max(1, Math.ceil(count * Math.min(rows, cols) - 1e-9));
}

/** Smallest number of leading singular values of a Gaussian matrix that hold a share of its energy. */
export const gaussianEnergyRank = remembered(energyRankOf);

function jacobiAngles(k: number, dimension: number): { median: number; mean: number; max: number } {
  const a = k / dimension;
  const edge = 4 * a * (1 - a);
  const points: { angle: number; weight: number }[] = [];
  let total = 0;
  for (let i = 0; i < STEPS; i++) {
    const t = (Math.PI * (i + 0.5)) / STEPS;
    const x = (edge / 2) * (1 + Math.cos(t));
    const weight = (1 - Math.cos(t)) / (1 - x);
    total += weight;
    points.push({ angle: (Math.acos(Math.sqrt(x)) * 180) / Math.PI, weight });
  }
  let mean = 0;
  let median = 90;
  let below = 0;
  for (const { angle, weight } of points) {
    mean += (angle * weight) / total;
    if (below < total / 2 && below + weight >= total / 2) median = angle;
    below += weight;
  }
  return { median, mean, max: 90 };
}

/**
 * Median, mean and largest principal angle between two random k-subspaces of R^d, k <= d / 2, in degrees.
 * cos^2 follows the Jacobi law with density sqrt(x (e - x)) / (2 pi a x (1 - x)) on (0, e), a = k / d, e = 4 a (1 - a).
 */
export const randomAngles = remembered(jacobiAngles);

/**
 * Mean of the dispersion index of row counts (or column counts) when K of N entries of a matrix are picked at random. A row of n entries
 * then holds a hypergeometric count of variance n p (1 - p) (N - n) / (N - 1), p = K / N, so that the m squared deviations sum to
 * (m - 1) n p (1 - p) N / (N - 1) on average: the index divides by everything but the last factor. It is Pearson's statistic over m - 1,
 * so one matrix varies by about sqrt(2 / (m - 1)).
 * @param entries N
 */
export function placementDispersion(entries: number): number {
  return entries / (entries - 1);
}

/** The error function for x >= 0, to 1.2e-7: rational approximation of its complement. Press et al., Numerical Recipes, 6.2. */
function erf(x: number): number {
  const t = 1 / (1 + 0.5 * x);
  const series = [
    0.17087277, -0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418, 0.37409196,
    1.00002368,
  ];
  const exponent = series.reduce((sum, coefficient) => (sum + coefficient) * t, 0);
  return x > 6 ? 1 : Math.max(0, 1 - t * Math.exp(-x * x - 1.26551223 + exponent));
}

/** P(|N(0, 1)| < x) */
const centred = (x: number): number => erf(x / Math.SQRT2);

/** P(a number uniform in an interval of length 2 x stays in it when N(0, 1) is added) = E max(0, 1 - |N(0, 1)| / (2 x)). */
function uniform(x: number): number {
  const width = 2 * x;
  const leaving = (Math.sqrt(2 / Math.PI) * -Math.expm1(-(width ** 2) / 2)) / width;
  return Math.max(0, centred(width) - leaving);
}

/**
 * Weights that an isotropic Gaussian update leaves at the same bfloat16 number: a weight of exponent e moves when its update exceeds
 * half a step, 2^(e - 8) (arXiv 2511.08567, section 1 of its precision gate).
 * @param exponents weights by biased exponent
 * @param rms root mean square of the update of one weight
 * @param places where weights lie before: on bfloat16 numbers, or anywhere between them
 */
export function swallowedByRounding(
  exponents: readonly number[],
  rms: number,
  places: 'on-grid' | 'anywhere' = 'on-grid',
): number {
  const stays = places === 'on-grid' ? centred : uniform;
  return exponents.reduce((sum, count, biased) => {
    if (count === 0 || biased === 255) return sum;
    const halfStep = 2 ** (Math.max(biased, 1) - 127 - 8);
    return sum + count * (rms === 0 ? 1 : stays(halfStep / rms));
  }, 0);
}

/**
 * Chance that exactly c of some independent events happen, for c from 0 to their number: the Poisson-binomial law.
 * @param shares chance of each event
 */
export function poissonBinomial(shares: readonly number[]): number[] {
  return shares.reduce<number[]>(
    (law, p) => [...law, 0].map((chance, c) => chance * (1 - p) + (law[c - 1] ?? 0) * p),
    [1],
  );
}
