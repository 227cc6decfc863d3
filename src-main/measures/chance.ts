/** What independent Gaussian entries or random subspaces give, by random-matrix theory in the limit of large shapes. */

const STEPS = 4096;

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

/** exp of the entropy of s_i / sum s of a Gaussian matrix, s its singular values. */
export function gaussianEffectiveRank(rows: number, cols: number): number {
  let mean = 0;
  let meanLog = 0;
  for (const { x, weight } of marchenkoPastur(rows, cols)) {
    const s = Math.sqrt(x);
    mean += weight * s;
    meanLog += weight * s * Math.log(s);
  }
  return Math.min(rows, cols) * mean * Math.exp(-meanLog / mean);
}

/** Smallest number of leading singular values of a Gaussian matrix that hold a share of its energy. */
export function gaussianEnergyRank(rows: number, cols: number, share: number): number {
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

/**
 * Median, mean and largest principal angle between two random k-subspaces of R^d, k <= d / 2, in degrees.
 * cos^2 follows the Jacobi law with density sqrt(x (e - x)) / (2 pi a x (1 - x)) on (0, e), a = k / d, e = 4 a (1 - a).
 */
export function randomAngles(k: number, dimension: number): { median: number; mean: number; max: number } {
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
