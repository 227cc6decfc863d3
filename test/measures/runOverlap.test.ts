import { describe, expect, it } from 'vitest';
import type { PairOfRuns } from '../../src-main/measures/evidence.ts';
import { pairMeasures } from '../../src-main/measures/registry.ts';
import { aggregate } from '../../src-main/study/aggregate.ts';
import type { StoredResult } from '../../src-main/study/Store.ts';
import { randomSubset, read } from '../fixtures/evidence.ts';

const N = 20_000;
const NONE = { dot: 0, squareA: 1, squareB: 1 };

function measureOf(id: string) {
  const measure = pairMeasures.find(({ info }) => info.id === id);
  if (!measure) throw new Error(`no measure ${id}`);
  return measure;
}

const measured = (id: string, pair: PairOfRuns) => read(measureOf(id), measureOf(id).measure(pair));

function valued(id: string, pair: PairOfRuns): { value: number; baseline: number } {
  const found = measured(id, pair);
  if (typeof found === 'string') throw new Error(found);
  return { value: found.value, baseline: found.baseline ?? NaN };
}

function pairOf(a: ReadonlySet<number>, b: ReadonlySet<number>, n = N): PairOfRuns {
  const both = [...a].filter((i) => b.has(i)).length;
  return { ...NONE, n, changedA: a.size, changedB: b.size, both };
}

const swapped = (pair: PairOfRuns): PairOfRuns => ({
  ...pair,
  changedA: pair.changedB,
  changedB: pair.changedA,
});

const ALL = ['overlap.jaccard', 'overlap.jaccard-weighted', 'overlap.one-sided', 'overlap.one-sided-mean'];

describe('planted overlaps', () => {
  const a = randomSubset(N, 5000, 1);

  it.each(ALL)('%s: 1 for identical masks, 0 for disjoint ones', (id) => {
    expect(valued(id, pairOf(a, a)).value).toBe(1);
    const rest = new Set(Array.from({ length: N }, (_, i) => i).filter((i) => !a.has(i)));
    expect(valued(id, pairOf(a, rest)).value).toBe(0);
  });

  it('a mask inside another: one-sided overlap depends on the order, Jaccard does not', () => {
    const inside = pairOf(new Set([...a].slice(0, 1000)), a);
    expect(valued('overlap.one-sided', inside)).toEqual({ value: 1, baseline: 5000 / N });
    expect(valued('overlap.one-sided', swapped(inside)).value).toBe(0.2);
    expect(valued('overlap.jaccard', inside).value).toBe(0.2);
    expect(valued('overlap.jaccard', swapped(inside))).toEqual(valued('overlap.jaccard', inside));
    expect(ALL.map((id) => measureOf(id).ordered)).toEqual([false, false, true, true]);
  });

  it('empty masks have no overlap, rather than one of 0 or 1', () => {
    const empty = pairOf(new Set(), new Set());
    for (const id of ALL) expect(typeof measured(id, empty), id).toBe('string');
    expect(valued('overlap.jaccard', pairOf(a, new Set())).value).toBe(0);
    expect(measured('overlap.one-sided', pairOf(new Set(), a))).toContain('the first run');
    expect(valued('overlap.one-sided', pairOf(a, new Set())).value).toBe(0);
  });

  it('an undefined overlap is left out of the mean, never averaged as 0', () => {
    const measure = measureOf('overlap.jaccard');
    const stored = (pair: PairOfRuns): StoredResult => ({
      pair: '',
      measure: '',
      parts: null,
      baseline: null,
      reason: null,
      method: '',
      residual: null,
      engine: '',
      ...measure.measure(pair),
    });
    const mean = aggregate(measure, [stored(pairOf(a, a)), stored(pairOf(new Set(), new Set()))]);
    expect(mean).toMatchObject({ value: 1, tensors: 1 });
  });
});

describe('chance levels of the papers', () => {
  const dense = (p: number, q: number): PairOfRuns => ({ ...NONE, n: 1, changedA: p, changedB: q, both: 0 });

  // arXiv 2511.08567, Table 2: with equal densities the baseline is p / (2 - p), so p = 2 J / (1 + J).
  it.each([0.43, 0.413, 0.467, 0.373, 0.453, 0.443, 0.437])('Table 2: baseline %f', (baseline) => {
    const p = (2 * baseline) / (1 + baseline);
    expect(p).toBeGreaterThan(0.54);
    expect(p).toBeLessThan(0.64);
    expect(valued('overlap.jaccard', dense(p, p)).baseline).toBeCloseTo(p / (2 - p), 14);
    expect(valued('overlap.jaccard', dense(p, p)).baseline).toBeCloseTo(baseline, 14);
  });

  // arXiv 2505.11711: the baseline of o1 is the density of the other run, 1 - its sparsity.
  it.each([
    [63.3, 63.3, 36.7, 36.7],
    [63.3, 85.4, 14.6, 36.7],
    [87.1, 77.0, 23.0, 12.9],
  ])('subnetwork overlap of sparsities %f and %f', (sparsityA, sparsityB, first, second) => {
    const pair = dense(1 - sparsityA / 100, 1 - sparsityB / 100);
    expect(100 * valued('overlap.one-sided', pair).baseline).toBeCloseTo(first, 10);
    expect(100 * valued('overlap.one-sided', swapped(pair)).baseline).toBeCloseTo(second, 10);
  });
});

describe('independent masks', () => {
  // Two random subsets of sizes a and b share a hypergeometric number: variance n p q (1 - p) (1 - q) n / (n - 1).
  it.each([
    [0.3, 0.3],
    [0.05, 0.6],
    [0.9, 0.8],
  ])('densities %f and %f: every overlap at its baseline within four standard deviations', (p, q) => {
    const [a, b] = [randomSubset(N, p * N, 5), randomSubset(N, q * N, 6)];
    const pair = pairOf(a, b);
    const deviation = Math.sqrt((N * p * q * (1 - p) * (1 - q) * N) / (N - 1));
    const oneSided = valued('overlap.one-sided', pair);
    expect(Math.abs(oneSided.value - oneSided.baseline)).toBeLessThan((4 * deviation) / a.size);
    const jaccard = valued('overlap.jaccard', pair);
    // J = c / (a + b - c): its slope in c is (a + b) / (a + b - c)^2.
    const slope = (a.size + b.size) / (a.size + b.size - pair.both) ** 2;
    expect(Math.abs(jaccard.value - jaccard.baseline)).toBeLessThan(4 * slope * deviation);
  });

  it('tensors of different density: weighted baselines keep each tensor to its own', () => {
    const tensors = [0.9, 0.1].map((p, i) =>
      pairOf(randomSubset(N, p * N, 10 + i), randomSubset(N, p * N, 20 + i)),
    );
    const sum = (
      of: (parts: { parts: readonly number[]; baseline: readonly number[] | null }) => readonly number[],
    ) =>
      [0, 1].map((at) =>
        tensors.reduce((total, pair) => {
          const outcome = measureOf('overlap.one-sided').measure(pair);
          return 'reason' in outcome ? NaN : total + (of(outcome)[at] ?? NaN);
        }, 0),
      );
    const { value } = measureOf('overlap.one-sided');
    const observed = value(sum(({ parts }) => parts));
    const expected = value(sum(({ baseline }) => baseline ?? []));
    expect(expected).toBeCloseTo(0.9 * 0.9 + 0.1 * 0.1, 12);
    const variance = 2 * N * (0.9 * 0.1) ** 2;
    expect(Math.abs(observed - expected)).toBeLessThan((4 * Math.sqrt(variance)) / N);
    // The density of the whole model, 50 %, would make independent masks look related.
    expect(observed).toBeGreaterThan(0.8);
  });
});
