import { expect, it } from 'vitest';
import { sides } from '../../src-main/claims/sides.ts';
import { signTest } from '../../src-main/base/signTest.ts';

it('is the exact two-sided binomial test', () => {
  expect(signTest(8, 0)).toBeCloseTo(2 / 256, 15);
  expect(signTest(9, 1)).toBeCloseTo((2 * 11) / 1024, 15);
  expect(signTest(5, 5)).toBe(1);
  expect(signTest(0, 0)).toBe(1);
  // As many matrices as a mixture of experts has: z = 3600 / sqrt(16400) = 28.1, and the normal tail 2 Q(z) is about 1e-173.
  expect(Math.log10(signTest(10_000, 6_400))).toBeCloseTo(-176, -1);
});

it('needs two thirds on a side, and more than a coin does', () => {
  const signs = (above: number, below: number): number[] => [
    ...Array.from({ length: above }, () => 1),
    ...Array.from({ length: below }, () => -1),
  ];
  expect(sides(signs(8, 0))).toEqual({ above: 8, below: 0, side: 'above' });
  expect(sides(signs(7, 0)).side).toBe('level');
  expect(sides(signs(1000, 600)).side).toBe('level');
  expect(sides(signs(100, 400)).side).toBe('below');
  expect(sides([0, 0, 0])).toEqual({ above: 0, below: 0, side: 'level' });
});
