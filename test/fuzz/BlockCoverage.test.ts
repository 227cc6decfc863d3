import { expect, it } from 'vitest';
import { countElements } from '../../src-main/checkpoint/checkTensorLayout.ts';
import { BlockCoverage } from './BlockCoverage.ts';

it('sees a block that had not run', () => {
  using coverage = new BlockCoverage('/src-main/');
  const reached = (shape: number[]): number => {
    coverage.reset();
    countElements(shape);
    const ran = coverage.take();
    const count = coverage.countNew(ran);
    coverage.add(ran);
    return count;
  };
  expect(reached([2, 3])).toBeGreaterThan(0);
  expect(reached([4, 5])).toBe(0);
  expect(reached([2 ** 40, 2 ** 40, 0, 3])).toBeGreaterThan(0);
  expect(reached([2 ** 40, 2 ** 40, 5])).toBe(0);
});
