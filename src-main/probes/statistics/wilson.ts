import { assert } from '../../base/assert.ts';
import type { Accuracy } from '../../contract/probe.ts';
import { Z_95 } from './normal.ts';

/** A share with its 95 % score interval (Wilson 1927), which keeps its coverage near 0 and 1. Without problems: everything is possible. */
export function wilson(correct: number, n: number): Accuracy {
  assert(correct >= 0 && correct <= n, 'a share counts part of a whole');
  if (n === 0) return { correct, n, value: 0, interval: [0, 1] };
  const value = correct / n;
  const z2 = Z_95 * Z_95;
  const centre = (value + z2 / (2 * n)) / (1 + z2 / n);
  const half = (Z_95 / (1 + z2 / n)) * Math.sqrt((value * (1 - value)) / n + z2 / (4 * n * n));
  // At 0 and n the bound is the end of the scale; rounding would leave it short of it.
  const low = correct === 0 ? 0 : centre - half;
  const high = correct === n ? 1 : centre + half;
  return { correct, n, value, interval: [low, high] };
}
