export interface PowerLaw {
  /** Exponent of the density, x^-alpha. */
  readonly alpha: number;
  /** Where the law begins. */
  readonly xmin: number;
  /** Largest distance of the distribution functions from there on. */
  readonly distance: number;
}

/** Largest |1 - (x / x_i)^(1 - alpha) - share below x| over x >= x_i; Infinity as soon as it exceeds `limit`. */
function distanceFrom(logs: Float64Array, i: number, alpha: number, limit: number): number {
  const count = logs.length - i;
  const start = logs[i] ?? NaN;
  let worst = 0;
  for (let j = i; j < logs.length; j++) {
    const model = -Math.expm1((1 - alpha) * ((logs[j] ?? NaN) - start));
    worst = Math.max(worst, Math.abs(model - (j - i) / count));
    if (worst > limit) return Infinity;
  }
  return worst;
}

/**
 * Continuous power law of a tail: maximum likelihood for every start x_i, alpha = 1 + n / sum ln(x / x_i), and the start with the
 * smallest Kolmogorov-Smirnov distance (Clauset, Shalizi and Newman, arXiv 0706.1062, sections 3.1 and 3.3).
 * @param values positive, ascending
 * @returns null when all values are equal
 */
export function powerLaw(values: Float64Array): PowerLaw | null {
  const logs = values.map((value) => Math.log(value));
  let best: PowerLaw | null = null;
  // Sum of ln(x / x_i) over x >= x_i, from non-negative steps, so that equal values give exactly 0.
  let excess = 0;
  for (let i = logs.length - 2; i >= 0; i--) {
    const above = logs.length - 1 - i;
    excess += above * ((logs[i + 1] ?? NaN) - (logs[i] ?? NaN));
    if (excess === 0) continue;
    const alpha = 1 + (above + 1) / excess;
    const limit = best?.distance ?? 1;
    const distance = distanceFrom(logs, i, alpha, limit);
    if (distance <= limit) best = { alpha, xmin: values[i] ?? NaN, distance };
  }
  return best;
}
