import { assert } from '../../base/assert.ts';
import type { Recovery } from '../../contract/probe.ts';
import { Z_95 } from './normal.ts';

/** Right answers of three models to the same problems: what forgot, what was tried, and what did not forget. */
export interface RecoveryAnswers {
  readonly target: readonly boolean[];
  readonly trial: readonly boolean[];
  readonly reference: readonly boolean[];
}

/** Sums over problems of how far trial and reference are above the target, and the variances of these sums. */
interface Moments {
  readonly gain: number;
  readonly loss: number;
  readonly gainVariance: number;
  readonly lossVariance: number;
  readonly covariance: number;
}

/**
 * Three answers that are not all alike come in six ways. Half a problem of each is added, which moves neither sum, so that variances are not 0
 * where two models happen to answer alike: for two models this is Bonett and Price's interval (2012, Statistics in Medicine 31:479-488).
 */
const ADDED = 0.5;
const [ADDED_PROBLEMS, ADDED_SQUARES, ADDED_PRODUCTS] = [6 * ADDED, 4 * ADDED, 2 * ADDED];

function momentsOf({ target, trial, reference }: RecoveryAnswers): Moments {
  let [gain, loss, gains, losses, products] = [0, 0, ADDED_SQUARES, ADDED_SQUARES, ADDED_PRODUCTS];
  for (const [i, before] of target.entries()) {
    const above = Number(trial[i]) - Number(before);
    const wanted = Number(reference[i]) - Number(before);
    gain += above;
    loss += wanted;
    gains += above * above;
    losses += wanted * wanted;
    products += above * wanted;
  }
  const n = target.length + ADDED_PROBLEMS;
  return {
    gain,
    loss,
    gainVariance: gains - (gain * gain) / n,
    lossVariance: losses - (loss * loss) / n,
    covariance: products - (gain * loss) / n,
  };
}

/** Every share r for which gain - r loss is within 1.96 standard errors of 0; null where these are not between two ends. */
function fieller({ gain, loss, gainVariance, lossVariance, covariance }: Moments): [number, number] | null {
  const z2 = Z_95 * Z_95;
  const a = loss * loss - z2 * lossVariance;
  const b = gain * loss - z2 * covariance;
  const c = gain * gain - z2 * gainVariance;
  if (a <= 0) return null;
  const root = Math.sqrt(Math.max(0, b * b - a * c));
  return [(b - root) / a, (b + root) / a];
}

/**
 * The share of what was lost that came back: (trial - target) / (reference - target), with Fieller's interval for a quotient of paired means
 * (Fieller 1954, Journal of the Royal Statistical Society B 16:175-185). No value where nothing was lost; no interval where the interval of
 * the denominator holds 0, because its ends would then mean nothing.
 */
export function recovery(answers: RecoveryAnswers): Recovery {
  const { target, trial, reference } = answers;
  assert(
    target.length === trial.length && target.length === reference.length,
    'paired answers are of the same problems',
  );
  const moments = momentsOf(answers);
  const n = Math.max(1, target.length);
  const [numerator, denominator] = [moments.gain / n, moments.loss / n];
  const result = { value: null, interval: null, numerator, denominator };
  if (denominator <= 0) {
    return { ...result, reason: 'nothing was lost: the reference is not better than the target' };
  }
  const value = numerator / denominator;
  const interval = fieller(moments);
  const reason =
    interval === null
      ? 'no interval: the 95 % interval of what was lost holds 0, so the share of it that came back could be anything'
      : null;
  return { ...result, value, interval, reason };
}
