import { describe, expect, it } from 'vitest';
import { roundToBf16 } from '../../src-main/measures/bf16.ts';
import { bf16Bits, bf16Value } from '../fixtures/checkpoints.ts';
import { randomSubset } from '../fixtures/evidence.ts';
import {
  compose,
  entry,
  gaussian,
  matrix,
  orthonormal,
  plus,
  scale,
  transpose,
  type Matrix,
} from '../fixtures/matrix.ts';
import { PlantedStudies, stored, type PlantedDtype, type PlantedStudy } from '../fixtures/plantedStudy.ts';

const [ROWS, COLS, K] = [96, 64, 8];
const N = ROWS * COLS;
const NAME = 'model.layers.0.mlp.up_proj.weight';
const SIZE = Math.round(0.3 * N);
const studies = new PlantedStudies();

async function measure(base: Matrix, variant: Matrix, dtype: PlantedDtype, k: number): Promise<PlantedStudy> {
  const variants = { v: { model: { [NAME]: variant }, dtype } };
  return await studies.run({ base: { [NAME]: base }, variants, dtype, options: { k } });
}

/** w with one bf16 step away from zero at some entries; from zero itself, a step too. */
const stepped = (w: Matrix, at: ReadonlySet<number>): Matrix => ({
  ...w,
  values: w.values.map((value, i) => (at.has(i) ? bf16Value(bf16Bits(value) + 1) : value)),
});

/** Positions of the `size` first entries in an order of scores, equal ones by position. */
function firstBy(scores: Float64Array, size: number, order: (a: number, b: number) => number): Set<number> {
  const at = Array.from(scores, (_, i) => i).sort((a, b) => order(scores[a] ?? 0, scores[b] ?? 0) || a - b);
  return new Set(at.slice(0, size));
}

const largest = (a: number, b: number): number => b - a;
const smallest = (a: number, b: number): number => a - b;
const magnitudes = ({ values }: Matrix): Float64Array => values.map(Math.abs);

describe('masks of a reference that is its own rank-1 part, full of equal entries', () => {
  // Products of small integers: exact in bf16, and the rank-1 part rounds to them in float32. Ties are decided by position alone.
  const w = matrix(ROWS, COLS, (i, j) => ((i % 7) + 1) * ((j % 5) + 1));
  const principal = firstBy(magnitudes(w), SIZE, largest);
  const low = firstBy(magnitudes(w), SIZE, smallest);
  const principalOnly = new Set([...principal].filter((i) => !low.has(i)));

  it.each<PlantedDtype>(['BF16', 'F32'])(
    'an update of exactly the principal weights, stored as %s',
    async (dtype) => {
      const found = await measure(w, stepped(w, principal), dtype, 1);
      expect(found.value('masks.principal')).toBe(1);
      expect(found.baseline('masks.principal')).toBe(SIZE / N);
      expect(found.value('masks.low')).toBe((SIZE - principalOnly.size) / SIZE);
      expect(found.value('masks.principal-not-low')).toBe(principalOnly.size / SIZE);
      expect(found.baseline('masks.principal-not-low')).toBe(principalOnly.size / N);
      expect(found.row('masks.principal').parameters).toMatchObject({ share: 0.3, k: 1 });
      // Every change is a step of a large weight: the null changes everything, and meets the mask by its density.
      expect(found.value('masks.principal.over-null')).toBeCloseTo(N / SIZE, 0);
    },
  );

  it.each<PlantedDtype>(['BF16', 'F32'])(
    'an update of exactly the smallest weights, stored as %s',
    async (dtype) => {
      const found = await measure(w, stepped(w, low), dtype, 1);
      expect(found.value('masks.low')).toBe(1);
      expect(found.baseline('masks.low')).toBe(SIZE / N);
      expect(found.value('masks.principal')).toBe((SIZE - principalOnly.size) / SIZE);
      expect(found.value('masks.principal-not-low')).toBe(0);
    },
  );
});

/** Singular values with a wide gap after the K-th. */
const SIGMA = Array.from({ length: COLS }, (_, i) => (i < K ? 10 - 0.5 * i : 1 - i / 100));
const u = orthonormal(gaussian(ROWS, COLS, 1));
const v = orthonormal(gaussian(COLS, COLS, 2));
const exact = compose(u, SIGMA, v);
const headOf = (q: Matrix): Matrix => matrix(q.rows, K, (i, j) => entry(q, i, j));

describe.each<PlantedDtype>(['BF16', 'F32'])('masks of a reference of full rank, stored as %s', (dtype) => {
  const w = stored(exact, dtype);
  const scores = magnitudes(compose(headOf(u), SIGMA.slice(0, K), headOf(v)));
  const threshold = [...scores].sort(largest)[SIZE] ?? NaN;
  // |W_k of what is stored - W_k as planted|_2 <= |E| (1 + 2 s_1 / (gap - |E|)), E the rounding: Wedin on both sides.
  const rounding = Math.hypot(...plus(w, exact, -1).values);
  const gap = (SIGMA[K - 1] ?? 0) - (SIGMA[K] ?? 0);
  const margin = rounding * (1 + (2 * 10) / (gap - rounding)) + 1e-6;
  const where = (of: (score: number) => boolean): Set<number> =>
    new Set([...scores.keys()].filter((i) => of(scores[i] ?? NaN)));

  it('an update inside the principal weights, clear of the edge', async () => {
    const inside = where((score) => score > threshold + margin);
    expect(inside.size).toBeGreaterThan(SIZE / 4);
    const found = await measure(w, stepped(w, inside), dtype, K);
    expect(found.value('masks.principal')).toBe(1);
    expect(found.value('update.unchanged.bf16')).toBe((N - inside.size) / N);
  });

  it('an update outside of them', async () => {
    const outside = where((score) => score < threshold - margin);
    expect(outside.size).toBeGreaterThan(N / 4);
    const found = await measure(w, stepped(w, outside), dtype, K);
    expect(found.value('masks.principal')).toBe(0);
    expect(found.value('masks.principal-not-low')).toBe(0);
    expect(found.value('masks.principal.over-null')).toBe(0);
  });

  // A random subset of M of n entries meets a mask of density p in a hypergeometric number: deviation of the share below.
  it('an update of entries at random: every mask at its density', async () => {
    const count = 2000;
    const found = await measure(w, stepped(w, randomSubset(N, count, 9)), dtype, K);
    for (const id of ['masks.principal', 'masks.low', 'masks.principal-not-low']) {
      const p = found.baseline(id);
      const deviation = Math.sqrt((p * (1 - p) * (N - count)) / (N - 1) / count);
      expect(Math.abs(found.value(id) - p), id).toBeLessThan(4 * deviation);
    }
    expect(found.baseline('masks.principal')).toBe(SIZE / N);
  });

  it('no update: no overlap rather than one of 0', async () => {
    const found = await measure(w, w, dtype, K);
    for (const id of ['masks.principal', 'masks.low.over-null'])
      expect(found.row(id)).toMatchObject({ value: null, reason: 'no weight changed in bfloat16' });
  });
});

/** Share of the changes, over all permutations of them, that fall on a mask: every change at every place, rounded. */
function nullShare(w: Matrix, changes: Float64Array, mask: ReadonlySet<number>): number {
  const sorted = changes.map(Math.fround).sort();
  let [all, held] = [0, 0];
  w.values.forEach((value, i) => {
    // b(w + d) = b(w) for an interval of d: its ends by bisection among the sorted changes.
    const home = roundToBf16(value);
    const below = (test: (sum: number) => boolean): number => {
      let [low, high] = [0, sorted.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (test(roundToBf16(value + (sorted[middle] ?? 0)))) low = middle + 1;
        else high = middle;
      }
      return low;
    };
    const moved = sorted.length - (below((sum) => sum <= home) - below((sum) => sum < home));
    all += moved;
    if (mask.has(i)) held += moved;
  });
  return held / all;
}

describe('the precision-matched null', () => {
  const w = stored(scale(gaussian(ROWS, COLS, 3), 0.02), 'BF16');
  const low = firstBy(magnitudes(w), SIZE, smallest);
  const noise = (rms: number, seed: number): Matrix =>
    stored(plus(w, scale(gaussian(ROWS, COLS, seed), rms)), 'F32');

  it.each([
    [1e-5, 4],
    [4e-5, 5],
  ])(
    'an isotropic update of rms %f flips small weights mechanically, and 1 over the null',
    async (rms, seed) => {
      const variant = noise(rms, seed);
      const found = await measure(w, variant, 'F32', K);
      const share = found.value('masks.low');
      const update = Math.round(N * (1 - found.value('update.unchanged.bf16')));
      // A hypergeometric share of density 0.3 is within this; the mechanical one is far outside.
      expect(share - SIZE / N).toBeGreaterThan(4 * Math.sqrt((0.3 * 0.7) / update));
      // Both counts are sums of independent events: relative variance at most 1 / count for each of two shares.
      const within = (count: number): number => 4 * Math.sqrt(2 / count);
      expect(Math.abs(found.value('masks.low.over-null') - 1)).toBeLessThan(within(share * update));
      const principal = found.value('masks.principal') * update;
      expect(Math.abs(found.value('masks.principal.over-null') - 1)).toBeLessThan(within(principal));
    },
  );

  it.each([
    ['F32', 'small weights favoured', (i: number) => (low.has(i) ? 2 : 1)],
    ['F32', 'small weights spared', (i: number) => (low.has(i) ? 0.5 : 1)],
    ['BF16', 'isotropic before rounding', () => 1],
  ] as const)('is the mean over permutations: stored as %s, %s', async (dtype, _words, factor) => {
    const base = noise(3e-5, 6);
    const variant = stored(
      { ...w, values: w.values.map((value, i) => value + factor(i) * ((base.values[i] ?? 0) - value)) },
      dtype,
    );
    const found = await measure(w, variant, dtype, K);
    const expected = nullShare(w, plus(variant, w, -1).values, low);
    const ofNull = found.value('masks.low') / found.value('masks.low.over-null');
    const count = expected * N * (1 - found.value('update.unchanged.bf16'));
    expect(Math.abs(ofNull / expected - 1)).toBeLessThan(4 / Math.sqrt(count));
    // Changes that bf16 swallowed are unknown, so that the null of a variant stored in bf16 leans to large weights, as the definition warns.
    const favoured = dtype === 'BF16' || factor([...low][0] ?? 0) > 1;
    expect(found.value('masks.low.over-null') > 1).toBe(favoured);
  });

  it.each([
    ['BF16', 3e-5],
    ['BF16', 1e-4],
    ['F32', 3e-5],
  ] as const)('an isotropic update stored as %s, rms %f, is 1 over the isotropic one', async (dtype, rms) => {
    // Float32 weights lie between bf16 numbers too.
    const reference = stored(scale(gaussian(ROWS, COLS, 3), 0.02), dtype);
    const variant = stored(plus(reference, scale(gaussian(ROWS, COLS, 8), rms)), dtype);
    const found = await measure(reference, variant, dtype, K);
    const update = N * (1 - found.value('update.unchanged.bf16'));
    for (const id of ['masks.low', 'masks.principal']) {
      // A count of independent events, and the half as wide step below the lowest of 128 codes.
      const within = 4 / Math.sqrt(found.value(id) * update) + 1 / 128;
      expect(Math.abs(found.value(`${id}.over-isotropic`) - 1), id).toBeLessThan(within);
    }
  });

  it('transposed, the masks are the same masks', async () => {
    const variant = noise(4e-5, 7);
    const [upright, turned] = [
      await measure(w, variant, 'F32', K),
      await measure(transpose(w), transpose(variant), 'F32', K),
    ];
    // Equal magnitudes at the edge of a mask may be chosen otherwise: bf16 codes repeat.
    const edge = [...magnitudes(w)].sort(smallest)[SIZE - 1];
    const tied = [...magnitudes(w)].filter((value) => value === edge).length;
    const update = N * (1 - upright.value('update.unchanged.bf16'));
    expect(Math.abs(upright.value('masks.low') - turned.value('masks.low'))).toBeLessThanOrEqual(
      tied / update,
    );
  });
});
