import { assert } from '../base/assert.ts';

/** What an edit that should change nothing did to what a model says next. */
export interface FunctionChange {
  /** Over all tokens and positions, of log-probabilities centred at each position, which are the logits up to their common shift. */
  readonly maxLogitChange: number;
  /** Mean over positions of KL(a || b), in nats. */
  readonly meanKl: number;
  readonly positions: number;
}

/** Log-probabilities of two models over the same vocabulary at the same positions. A model that says NaN anywhere gives NaN. */
export function functionChange(a: readonly Float64Array[], b: readonly Float64Array[]): FunctionChange {
  assert(a.length === b.length && a.length > 0, 'both models have read the same text');
  let [largest, total] = [0, 0];
  for (const [position, p] of a.entries()) {
    const q = b[position];
    assert(q?.length === p.length, 'both models have the same vocabulary');
    const { logit, kl } = changeAt(p, q);
    // Math.max keeps NaN.
    largest = Math.max(largest, logit);
    total += kl;
  }
  return { maxLogitChange: largest, meanKl: total / a.length, positions: a.length };
}

function changeAt(p: Float64Array, q: Float64Array): { logit: number; kl: number } {
  let [shift, kl] = [0, 0];
  for (let token = 0; token < p.length; token++) {
    const difference = differenceOf(p[token] ?? NaN, q[token] ?? NaN);
    shift += difference / p.length;
    const weight = Math.exp(p[token] ?? NaN);
    // Impossible on the left adds nothing, whatever is on the right.
    if (weight !== 0) kl += weight * difference;
  }
  let logit = 0;
  for (let token = 0; token < p.length; token++) {
    const moved = Math.abs(differenceOf(p[token] ?? NaN, q[token] ?? NaN) - shift);
    logit = Math.max(logit, moved);
  }
  // Rounding can take a sum of nearly nothing below zero.
  return { logit, kl: kl < 0 && kl > -1e-12 ? 0 : kl };
}

/** What is impossible on both sides has not changed. */
const differenceOf = (p: number, q: number): number => (p === q ? 0 : p - q);
