import { assert } from '../../base/assert.ts';
import type { Recovery } from '../../contract/probe.ts';
import { middle95, RESAMPLES, resampledMeans } from './bootstrap.ts';

/** Right answers of three models to the same problems: what forgot, what was tried, and what did not forget. */
export interface RecoveryAnswers {
  readonly target: readonly boolean[];
  readonly trial: readonly boolean[];
  readonly reference: readonly boolean[];
}

/**
 * The share of what was lost that came back: (trial - target) / (reference - target), with a paired bootstrap over problems. No value
 * where nothing was lost; no interval where the interval of the denominator holds 0, because its ends would then mean nothing.
 */
export function recovery({ target, trial, reference }: RecoveryAnswers, seed: number): Recovery {
  assert(
    target.length === trial.length && target.length === reference.length,
    'paired answers are of the same problems',
  );
  const above = (other: readonly boolean[]): number[] =>
    other.map((right, i) => Number(right) - Number(target[i]));
  const columns = [above(trial), above(reference)];
  const [numerator = 0, denominator = 0] = columns.map(mean);
  const result = { value: null, interval: null, numerator, denominator };
  if (denominator <= 0) {
    return { ...result, reason: 'nothing was lost: the reference is not better than the target' };
  }
  const value = numerator / denominator;
  const [gains, losses] = resampledMeans(columns, seed) as [Float64Array, Float64Array];
  if (middle95(losses)[0] <= 0) {
    return {
      ...result,
      value,
      reason:
        'no interval: the 95 % interval of what was lost holds 0, so the share of it that came back could be anything',
    };
  }
  return { ...result, value, interval: middle95(ratios(gains, losses)), reason: null };
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Quotients in the order in which the denominator passes through 0: then they lie beyond every finite one, on the side of the numerator. */
function ratios(gains: Float64Array, losses: Float64Array): Float64Array {
  const quotients = new Float64Array(RESAMPLES);
  for (let i = 0; i < RESAMPLES; i++) {
    const [gain, loss] = [gains[i] as number, losses[i] as number];
    if (loss > 0) quotients[i] = gain / loss;
    else quotients[i] = gain === 0 ? 0 : Math.sign(gain) * Number.POSITIVE_INFINITY;
  }
  return quotients;
}
