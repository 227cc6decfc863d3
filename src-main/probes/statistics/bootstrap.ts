import { Random } from '../../base/Random.ts';

/** Enough for the third digit of an interval's ends. */
export const RESAMPLES = 10_000;

/**
 * Means of columns over problems drawn with replacement, the same problems for every column: one array of `RESAMPLES` means per
 * column. Pairs stay pairs, so that what makes a problem hard for both models cancels.
 */
export function resampledMeans(columns: readonly ArrayLike<number>[], seed: number): Float64Array[] {
  const n = columns[0]?.length ?? 0;
  const means = columns.map(() => new Float64Array(RESAMPLES));
  const values = columns.map((column) => Float64Array.from(column));
  const random = new Random(seed);
  const drawn = new Uint32Array(n);
  for (let sample = 0; sample < RESAMPLES; sample++) {
    random.fillBelow(drawn, n);
    for (const [index, column] of values.entries()) {
      (means[index] as Float64Array)[sample] = meanAt(column, drawn);
    }
  }
  return means;
}

function meanAt(values: Float64Array, drawn: Uint32Array): number {
  let sum = 0;
  for (let i = 0; i < drawn.length; i++) sum += values[drawn[i] as number] as number;
  return sum / drawn.length;
}

/**
 * The middle 95 % of resampled values. Percentiles and not BCa: differences of shares move in steps of 1/n and are hardly skewed, and
 * the acceleration of BCa is itself an estimate from few differing answers.
 */
export function middle95(values: Float64Array): [number, number] {
  const sorted = Float64Array.from(values).sort();
  return [quantile(sorted, 0.025), quantile(sorted, 0.975)];
}

/** Linear between order statistics (type 7 of Hyndman and Fan, the default of R and NumPy). */
function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below] ?? Number.NaN;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] ?? Number.NaN;
  // Equal neighbours may both be infinite.
  return low === high ? low : low + (place - below) * (high - low);
}
