import { describe, expect, it } from 'vitest';
import type { Evidence } from '../../src-main/measures/evidence.ts';
import { stripes } from '../../src-main/measures/stripes.ts';
import { elementsWhere, evidenceOf, measured, randomSubset, valued } from '../fixtures/evidence.ts';

type Heads = NonNullable<Evidence['heads']>;

function evidence(
  rows: number,
  cols: number,
  changed: (i: number, j: number) => boolean,
  heads: Heads | null = null,
): Evidence {
  return evidenceOf({ rows, cols, heads, elements: elementsWhere(rows, cols, changed) });
}

const atRandom = (rows: number, cols: number, count: number, seed: number): Evidence => {
  const chosen = randomSubset(rows * cols, count, seed);
  return evidence(rows, cols, (i, j) => chosen.has(i * cols + j));
};

/** All ways to choose `count` of the numbers below n, as bit sets. */
function* subsets(n: number, count: number): Generator<number> {
  for (let bits = 0; bits < 1 << n; bits++) {
    let size = 0;
    for (let i = 0; i < n; i++) size += (bits >> i) & 1;
    if (size === count) yield bits;
  }
}

describe('stripe index of rows and columns', () => {
  it('every second row changed entirely: rows carry all the variance, columns none', () => {
    const found = evidence(8, 6, (i) => i % 2 === 0);
    // Counts are n or 0 around n / 2: m (n / 2)^2 over (m - 1) n / 4.
    expect(valued('stripes.rows', found).value).toBeCloseTo((8 * 6) / 7, 12);
    expect(valued('stripes.columns', found).value).toBe(0);
  });

  it('columns are the same question of the transposed matrix', () => {
    const found = evidence(10, 7, (i, j) => (i * 3 + j * j) % 5 === 0);
    const transposed = evidence(7, 10, (i, j) => (j * 3 + i * i) % 5 === 0);
    expect(valued('stripes.columns', found)).toEqual(valued('stripes.rows', transposed));
  });

  it.each([
    [3, 2, 2],
    [4, 3, 5],
    [2, 5, 1],
  ])('%i x %i with %i changes: the mean over all placements is the baseline', (rows, cols, count) => {
    let sum = 0;
    let placements = 0;
    let baseline = NaN;
    for (const bits of subsets(rows * cols, count)) {
      const found = valued(
        'stripes.rows',
        evidence(rows, cols, (i, j) => ((bits >> (i * cols + j)) & 1) === 1),
      );
      sum += found.value;
      baseline = found.baseline;
      placements++;
    }
    expect(baseline).toBe((rows * cols) / (rows * cols - 1));
    expect(Math.abs(sum / placements / baseline - 1)).toBeLessThan(placements * Number.EPSILON);
  });

  // (m - 1) D is Pearson's statistic: variance 2 (m - 1), and a binomial count of variance v adds at most (m - 1) / v to it.
  it.each([0.02, 0.3, 0.9])('random changes of density %f: 1 within five standard deviations', (p) => {
    const [rows, cols] = [200, 160];
    const found = atRandom(rows, cols, Math.round(p * rows * cols), 7);
    for (const [id, count, across] of [
      ['stripes.rows', rows, cols],
      ['stripes.columns', cols, rows],
    ] as const) {
      const { value, baseline } = valued(id, found);
      const deviation = Math.sqrt((2 + 1 / (across * p * (1 - p))) / (count - 1));
      expect(Math.abs(value - baseline), id).toBeLessThan(5 * deviation);
    }
  });

  it('has no value where nothing or everything changed, or no profile was asked for', () => {
    expect(
      measured(
        'stripes.rows',
        evidence(4, 4, () => false),
      ),
    ).toBe('no weight changed in bfloat16');
    expect(
      measured(
        'stripes.rows',
        evidence(4, 4, () => true),
      ),
    ).toBe('every weight changed in bfloat16');
    const { elements } = evidence(4, 4, (i) => i === 0);
    const without = elements && { ...elements, rowChanged: new Uint32Array(0) };
    expect(measured('stripes.rows', evidenceOf({ rows: 4, cols: 4, elements: without }))).toBe(
      'not computed',
    );
  });
});

describe('stripes along heads', () => {
  const heads = (axis: Heads['axis'], count: number, size: number): Heads => ({ axis, count, size });

  it('whole heads that changed: all variance lies between heads, on the axis of the heads', () => {
    const rows = evidence(12, 5, (i) => Math.floor(i / 3) % 2 === 0, heads('rows', 4, 3));
    expect(valued('stripes.heads', rows).value).toBeCloseTo(1, 14);
    const columns = evidence(5, 12, (_, j) => Math.floor(j / 3) % 2 === 0, heads('columns', 4, 3));
    expect(valued('stripes.heads', columns).value).toBeCloseTo(1, 14);
  });

  it('the same channel of every head: none of it', () => {
    const found = evidence(12, 5, (i) => i % 3 === 0, heads('rows', 4, 3));
    expect(valued('stripes.heads', found).value).toBe(0);
  });

  it('the mean over all orders of the channels is the baseline', () => {
    const counts = [0, 1, 1, 4, 6, 2];
    let sum = 0;
    let orders = 0;
    const visit = (order: readonly number[]): void => {
      if (order.length < counts.length) {
        counts.forEach((_, i) => {
          if (!order.includes(i)) visit([...order, i]);
        });
        return;
      }
      const found = evidence(6, 6, (i, j) => j < (counts[order[i] ?? 0] ?? 0), heads('rows', 3, 2));
      const { value, baseline } = valued('stripes.heads', found);
      expect(baseline).toBe(2 / 5);
      sum += value;
      orders++;
    };
    visit([]);
    expect(orders).toBe(720);
    expect(sum / orders).toBeCloseTo(2 / 5, 12);
  });

  it('random changes: the baseline within five standard deviations of the Beta law', () => {
    const { elements } = atRandom(256, 64, 5000, 11);
    const found = evidenceOf({ rows: 256, cols: 64, elements, heads: heads('rows', 8, 32) });
    const { value, baseline } = valued('stripes.heads', found);
    expect(baseline).toBe(7 / 255);
    expect(Math.abs(value - baseline)).toBeLessThan(5 * Math.sqrt((2 * baseline * (1 - baseline)) / 257));
  });

  it('applies to attention matrices only, and says why it has no value', () => {
    const measure = stripes.find(({ info }) => info.id === 'stripes.heads');
    const item = { ...evidenceOf({}), heads: heads('rows', 3, 2) };
    expect(measure?.applies?.(item)).toBe(true);
    expect(measure?.applies?.({ ...item, heads: null })).toBe(false);
    expect(measure?.applies?.({ ...item, rows: 1 })).toBe(false);
    expect(measure?.parametersFor?.(item)).toEqual({ heads: 3, head_size: 2 });
    const changed = (i: number): boolean => i === 0;
    expect(measured('stripes.heads', evidence(6, 4, changed, heads('rows', 4, 2)))).toContain('do not fill');
    expect(measured('stripes.heads', evidence(6, 4, changed, heads('rows', 1, 6)))).toContain('one head');
    const flat = evidence(4, 4, (i, j) => i === j, heads('rows', 2, 2));
    expect(measured('stripes.heads', flat)).toBe('every channel changed equally often');
  });
});
