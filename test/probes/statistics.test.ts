import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { middle95, resampledMeans } from '../../src-main/probes/statistics/bootstrap.ts';
import { comparePaired } from '../../src-main/probes/statistics/comparePaired.ts';
import { holm } from '../../src-main/probes/statistics/holm.ts';
import { mcnemar } from '../../src-main/probes/statistics/mcnemar.ts';
import { simultaneousZ } from '../../src-main/probes/statistics/normal.ts';
import { pairedInterval } from '../../src-main/probes/statistics/pairedInterval.ts';
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

  it('the interval of a paired difference, which is close to a bootstrap where many answers differ', () => {
    const { first, second, interval } = fixture.paired;
    const paired = comparePaired(bits(first), bits(second));
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
    const found = recovery({ target: bits(target), trial: bits(trial), reference: bits(reference) });
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

describe('the interval of a paired difference', () => {
  it.each([
    [21, 1, 7, -0.517, -0.026],
    [600, 0, 0, -0.006, 0.006],
  ])('of %i problems, %i gained and %i lost is that of Tango', (n, gained, lost, low, high) => {
    const found = pairedInterval({ n, gained, lost });
    expect(found[0]).toBeCloseTo(low, 3);
    expect(found[1]).toBeCloseTo(high, 3);
  });

  it('ends where the likeliest shares of such a difference are 1.96 standard errors off', () => {
    const [n, gained, lost] = [234, 31, 12];
    for (const delta of pairedInterval({ n, gained, lost })) {
      // The likeliest share of losses, found by trying all of them instead of solving for it.
      let [best, likeliest] = [-Infinity, 0];
      for (let p = Math.max(0, -delta) + 1e-6; 2 * p + delta < 1; p += 1e-5) {
        const logLikelihood =
          gained * Math.log(p + delta) +
          lost * Math.log(p) +
          (n - gained - lost) * Math.log(1 - 2 * p - delta);
        if (logLikelihood > best) [best, likeliest] = [logLikelihood, p];
      }
      const variance = (2 * likeliest + delta - delta * delta) / n;
      expect(Math.abs((gained - lost) / n - delta) / Math.sqrt(variance)).toBeCloseTo(1.96, 2);
    }
  });

  it('says that nothing is known without problems, and not that equal answers mean equal models', () => {
    expect(comparePaired([], [])).toMatchObject({ n: 0, interval: [-1, 1], p: 1, detectable: 1 });
    const first = Array.from({ length: 600 }, (_, i) => i % 3 === 0);
    const same = comparePaired(first, first);
    expect(same).toMatchObject({ gained: 0, lost: 0, difference: 0, p: 1 });
    // 3.84 / 603.84 to either side.
    expect(same.interval[0]).toBeCloseTo(-0.00636, 5);
    expect(same.interval[1]).toBeCloseTo(0.00636, 5);
    // Even models that answer alike could differ by this much without being noticed.
    expect(same.detectable).toBeGreaterThan(0.01);
  });
});

it('the bootstrap follows from its seed', () => {
  const values = Array.from({ length: 200 }, (_, i) => Math.sin(i));
  const ends = (seed: number): string => middle95(resampledMeans([values], seed)[0]!).join();
  expect(ends(1)).toBe(ends(1));
  expect(ends(1)).not.toBe(ends(2));
});

describe('recovery', () => {
  const of = (...right: number[]): boolean[] => Array.from({ length: 200 }, (_, i) => right.includes(i % 10));

  it('is 1 for the reference, 0 for the target, and half for half', () => {
    const [target, reference] = [of(0), of(0, 1, 2, 3, 4)];
    for (const [trial, value] of [
      [reference, 1],
      [target, 0],
    ] as const) {
      const found = recovery({ target, reference, trial });
      expect(found.value).toBe(value);
      // Alike on these problems is not alike on all.
      expect(found.interval![0]).toBeLessThan(value - 0.01);
      expect(found.interval![1]).toBeGreaterThan(value + 0.01);
    }
    const half = recovery({ target, reference, trial: of(0, 1, 2) });
    expect(half.value).toBeCloseTo(0.5, 12);
    expect(half.interval![0]).toBeLessThan(0.5);
    expect(half.interval![1]).toBeGreaterThan(0.5);
  });

  it('has no value where nothing was lost', () => {
    const found = recovery({ target: of(0, 1), reference: of(0), trial: of(0) });
    expect(found).toMatchObject({ value: null, interval: null });
    expect(found.reason).toMatch(/nothing was lost/);
  });

  it('has a value and no interval where the loss itself is not certain', () => {
    const [target, reference] = [of(0), of(0)];
    reference[1] = true;
    reference[2] = true;
    reference[10] = false;
    const found = recovery({ target, reference, trial: reference });
    expect(found).toMatchObject({ value: 1, interval: null });
    expect(found.reason).toMatch(/holds 0/);
  });
});

it.each([
  [1, 1.959963984540054],
  [2, 2.241402727604947],
  [9, 2.772921],
  [100, 3.480756],
])('all but 5 % of %i intervals at once hold what they should within %f standard errors', (intervals, z) => {
  expect(simultaneousZ(intervals)).toBeCloseTo(z, 5);
});
