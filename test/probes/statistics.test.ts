import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Random } from '../../src-main/base/Random.ts';
import { middle95, RESAMPLES, resampledMeans } from '../../src-main/probes/statistics/bootstrap.ts';
import { comparePaired } from '../../src-main/probes/statistics/comparePaired.ts';
import { holm } from '../../src-main/probes/statistics/holm.ts';
import { mcnemar } from '../../src-main/probes/statistics/mcnemar.ts';
import { detectableDifference, requiredProblems } from '../../src-main/probes/statistics/power.ts';
import { recovery } from '../../src-main/probes/statistics/recovery.ts';
import { wilson } from '../../src-main/probes/statistics/wilson.ts';

const Triple = z.tuple([z.number(), z.number(), z.number()]);
const Interval = z.tuple([z.number(), z.number()]);
const fixture = z
  .object({
    wilson: z.array(z.tuple([z.number(), z.number(), z.number(), z.number()])),
    mcnemar: z.array(Triple),
    required: z.array(Triple),
    detectable: z.array(Triple),
    holm: z.object({ p: z.array(z.number()), adjusted: z.array(z.number()) }),
    paired: z.object({ first: z.string(), second: z.string(), interval: Interval }),
    continuous: z.object({ values: z.array(z.number()), interval: Interval }),
    recovery: z.object({ target: z.string(), trial: z.string(), reference: z.string(), interval: Interval }),
  })
  .parse(JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures', 'statistics.json'), 'utf8')));

const bits = (text: string): boolean[] => [...text].map((bit) => bit === '1');
/** The standard error of a 2.5 % quantile of 10 000 normal draws is about 0.027 standard deviations; three of them, and a step of 1/n. */
const near = (found: readonly number[], expected: readonly number[], deviation: number): void => {
  for (const [i, end] of expected.entries()) expect(Math.abs(found[i]! - end)).toBeLessThan(0.08 * deviation);
};

describe('against SciPy', () => {
  it.each(fixture.wilson)('the Wilson interval of %i of %i', (correct, n, low, high) => {
    const { interval, value } = wilson(correct, n);
    expect(value).toBe(correct / n);
    expect(interval[0]).toBeCloseTo(low, 12);
    expect(interval[1]).toBeCloseTo(high, 12);
  });

  it.each(fixture.mcnemar)('the exact test of %i gained and %i lost', (gained, lost, p) => {
    expect(mcnemar(gained, lost) / p).toBeCloseTo(1, 8);
    expect(mcnemar(lost, gained)).toBe(mcnemar(gained, lost));
  });

  it.each(fixture.required)(
    'problems to find a difference of %f with %f differing',
    (difference, share, n) => {
      expect(requiredProblems(difference, share)).toBe(n);
      expect(requiredProblems(-difference, share)).toBe(n);
    },
  );

  it.each(fixture.detectable)('the difference that %i problems find with %f differing', (n, share, d) => {
    expect(detectableDifference(n, share)).toBeCloseTo(d, n < 600 ? 3 : 4);
    expect(requiredProblems(detectableDifference(n, share), share)).toBeLessThanOrEqual(n);
  });

  it('Holm', () => {
    for (const [i, adjusted] of holm(fixture.holm.p).entries()) {
      expect(adjusted).toBeCloseTo(fixture.holm.adjusted[i]!, 14);
    }
    expect(holm([])).toEqual([]);
  });

  it('the paired bootstrap of answers', () => {
    const { first, second, interval } = fixture.paired;
    const paired = comparePaired(bits(first), bits(second), 42);
    near(paired.interval, interval, Math.sqrt((paired.gained + paired.lost) / 600 / 600));
    expect(paired.difference).toBe((paired.gained - paired.lost) / 600);
  });

  it('the bootstrap of a continuous metric', () => {
    const { values, interval } = fixture.continuous;
    const [means] = resampledMeans([values], 42);
    near(middle95(means!), interval, Math.SQRT2 / Math.sqrt(300));
  });

  it('the recovery', () => {
    const { target, trial, reference, interval } = fixture.recovery;
    const found = recovery({ target: bits(target), trial: bits(trial), reference: bits(reference) }, 42);
    near(found.interval!, interval, (interval[1] - interval[0]) / 3.92);
    expect(found.value).toBe(found.numerator / found.denominator);
    expect(found.reason).toBeNull();
  });
});

describe('the table of the demo study', () => {
  it.each([
    [101, 30, '3.5e-10'],
    [13, 92, '8.0e-16'],
    [26, 7, '1.3e-3'],
    [16, 9, '2.3e-1'],
    [29, 11, '6.4e-3'],
    [13, 11, '8.4e-1'],
    [43, 25, '3.8e-2'],
    [31, 51, '3.5e-2'],
    [55, 31, '1.3e-2'],
    [30, 49, '4.2e-2'],
    [45, 14, '6.5e-5'],
  ])('gives the p-value of %i gained and %i lost', (gained, lost, p) => {
    expect(mcnemar(gained, lost).toExponential(1)).toBe(p);
  });

  it('gives the accuracies with their intervals', () => {
    const { interval } = wilson(254, 600);
    expect(interval.map((end) => (100 * end).toFixed(1))).toEqual(['38.4', '46.3']);
  });
});

describe('the bootstrap', () => {
  const first = Array.from({ length: 600 }, (_, i) => i % 3 === 0);
  const second = Array.from({ length: 600 }, (_, i) => i % 4 === 0);

  it('follows from its seed', () => {
    expect(comparePaired(first, second, 1)).toEqual(comparePaired(first, second, 1));
    const ends = [1, 2, 3, 4].map((seed) => comparePaired(first, second, seed).interval.join());
    expect(new Set(ends).size).toBeGreaterThan(1);
  });

  it('covers the true difference about 95 times of 100', () => {
    const random = new Random(11);
    let covered = 0;
    const trials = 200;
    for (let t = 0; t < trials; t++) {
      // Both models: right with 0.5; the second is right on one in ten more. True difference 0.1 * 0.5.
      const a = Array.from({ length: 100 }, () => random.below(2) === 1);
      const b = a.map((right) => right || random.below(10) === 0);
      const [low, high] = comparePaired(a, b, t).interval;
      if (low <= 0.05 && 0.05 <= high) covered++;
    }
    // 3 standard deviations of a binomial are 4.6 %; percentiles of few differing answers cover a little less than 95 %.
    expect(covered / trials).toBeGreaterThan(0.88);
  });

  it('takes a tenth of a second of processor time at most for 600 problems', () => {
    comparePaired(first, second, 1);
    const start = process.cpuUsage();
    comparePaired(first, second, 2);
    const { user } = process.cpuUsage(start);
    expect(user / 1000).toBeLessThan(100);
    expect(RESAMPLES).toBe(10_000);
  });

  it('says that nothing is known without problems, and that nothing differs for equal answers', () => {
    expect(comparePaired([], [], 1)).toMatchObject({ n: 0, interval: [-1, 1], p: 1, detectable: 1 });
    const same = comparePaired(first, first, 1);
    expect(same).toMatchObject({ gained: 0, lost: 0, difference: 0, interval: [0, 0], p: 1 });
    // Even models that answer alike could differ by this much without being noticed.
    expect(same.detectable).toBeGreaterThan(0.01);
  });
});

describe('recovery', () => {
  const of = (...right: number[]): boolean[] => Array.from({ length: 200 }, (_, i) => right.includes(i % 10));

  it('is 1 for the reference, 0 for the target, and half for half', () => {
    const [target, reference] = [of(0), of(0, 1, 2, 3, 4)];
    expect(recovery({ target, reference, trial: reference }, 1)).toMatchObject({
      value: 1,
      interval: [1, 1],
    });
    expect(recovery({ target, reference, trial: target }, 1)).toMatchObject({ value: 0, interval: [0, 0] });
    const half = recovery({ target, reference, trial: of(0, 1, 2) }, 1);
    expect(half.value).toBeCloseTo(0.5, 12);
    expect(half.interval![0]).toBeLessThan(0.5);
    expect(half.interval![1]).toBeGreaterThan(0.5);
  });

  it('has no value where nothing was lost', () => {
    const found = recovery({ target: of(0, 1), reference: of(0), trial: of(0) }, 1);
    expect(found).toMatchObject({ value: null, interval: null });
    expect(found.reason).toMatch(/nothing was lost/);
  });

  it('has a value and no interval where the loss itself is not certain', () => {
    const [target, reference] = [of(0), of(0)];
    reference[1] = true;
    reference[2] = true;
    reference[10] = false;
    const found = recovery({ target, reference, trial: reference }, 1);
    expect(found).toMatchObject({ value: 1, interval: null });
    expect(found.reason).toMatch(/holds 0/);
  });
});

it('the difference called detectable is found by the exact test about 80 times of 100', () => {
  const [n, share] = [600, 0.1];
  const difference = detectableDifference(n, share);
  const random = new Random(5);
  let found = 0;
  for (let t = 0; t < 2000; t++) {
    let [gained, lost] = [0, 0];
    for (let i = 0; i < n; i++) {
      const u = random.bits() / 2 ** 32;
      if (u < (share + difference) / 2) gained++;
      else if (u < share) lost++;
    }
    if (mcnemar(gained, lost) < 0.05) found++;
  }
  // The exact test is a little weaker than the normal approximation that the formula is of.
  expect(found / 2000).toBeGreaterThan(0.74);
  expect(found / 2000).toBeLessThan(0.84);
});
