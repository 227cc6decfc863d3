import { expect, it } from 'vitest';
import { functionChange } from '../../src-main/inference/compareDistributions.ts';

function logSoftmax(logits: readonly number[]): Float64Array {
  const top = Math.max(...logits);
  const norm = top + Math.log(logits.reduce((sum, one) => sum + Math.exp(one - top), 0));
  return Float64Array.from(logits, (one) => one - norm);
}

it('a model is no step from itself', () => {
  const a = [logSoftmax([1, 2, 3]), logSoftmax([-4, 0, 4])];
  expect(functionChange(a, a)).toEqual({ maxLogitChange: 0, meanKl: 0, positions: 2 });
});

it('a shift of all logits changes nothing; one of a single logit is told without the shift of the others', () => {
  const a = [logSoftmax([1, 2, 3, 0])];
  expect(functionChange(a, [logSoftmax([8, 9, 10, 7])]).maxLogitChange).toBeLessThan(1e-12);
  // Centred, one of four logits that moves by 1 moves by 3/4, the others by 1/4.
  expect(functionChange(a, [logSoftmax([1, 3, 3, 0])]).maxLogitChange).toBeCloseTo(0.75, 12);
});

it('divergence is that of the first from the second, over positions', () => {
  const [a, b] = [
    [0.5, 0.5],
    [0.25, 0.75],
  ].map((one) => Float64Array.from(one, Math.log));
  const kl = 0.5 * Math.log(2) + 0.5 * Math.log(2 / 3);
  expect(functionChange([a!], [b!]).meanKl).toBeCloseTo(kl, 12);
  expect(functionChange([a!, a!], [b!, a!]).meanKl).toBeCloseTo(kl / 2, 12);
});

it('what is impossible for both has not changed, and what one of them made impossible shows', () => {
  const a = Float64Array.of(Math.log(0.5), Math.log(0.5), -Infinity);
  expect(functionChange([a], [a])).toMatchObject({ maxLogitChange: 0, meanKl: 0 });
  const b = Float64Array.of(0, -Infinity, -Infinity);
  expect(functionChange([a], [b]).meanKl).toBe(Infinity);
  expect(functionChange([Float64Array.of(NaN, 0)], [Float64Array.of(0, 0)]).maxLogitChange).toBeNaN();
});

it('models of different vocabularies, or texts, are not compared', () => {
  expect(() => functionChange([Float64Array.of(0)], [Float64Array.of(0, 0)])).toThrow();
  expect(() => functionChange([], [])).toThrow();
});
