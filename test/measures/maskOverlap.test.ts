import { describe, expect, it } from 'vitest';
import { StudyOptions } from '../../src-main/contract/study.ts';
import { roundToBf16 } from '../../src-main/measures/bf16.ts';
import type { MaskEvidence } from '../../src-main/measures/evidence.ts';
import { MASK_SEED, maskOverlap } from '../../src-main/measures/maskOverlap.ts';
import { evidenceOf, measured, randomSubset, valued } from '../fixtures/evidence.ts';
import { gaussian } from '../fixtures/matrix.ts';

const exponents: readonly number[] = Array.from({ length: 256 }, () => 0);
const planted: MaskEvidence = {
  n: 1000,
  exponents,
  update: 200,
  nullUpdate: 250,
  share: 0.3,
  k: 4,
  seed: MASK_SEED,
  principal: { size: 300, overlap: 40, nullOverlap: 50, exponents },
  low: { size: 300, overlap: 150, nullOverlap: 125, exponents },
  principalNotLow: { size: 220, overlap: 10, nullOverlap: 25, exponents },
};
const N = 40_000;

/** Weights by biased bfloat16 exponent. */
function exponentsOf(w: readonly number[]): number[] {
  const counts = Array.from({ length: 256 }, () => 0);
  for (const value of w) {
    const e = value === 0 ? 0 : Math.max(0, Math.floor(Math.log2(Math.abs(value))) + 127);
    counts[e] = (counts[e] ?? 0) + 1;
  }
  return counts;
}

/** Evidence of an update of a weight vector, with the largest and the smallest weights as masks, by plain loops. */
function masksOf(w: readonly number[], update: readonly number[], shuffled: readonly number[]): MaskEvidence {
  const size = Math.round(0.3 * w.length);
  const order = w.map((_, i) => i).sort((a, b) => Math.abs(w[a] ?? 0) - Math.abs(w[b] ?? 0) || a - b);
  const [low, principal] = [new Set(order.slice(0, size)), new Set(order.slice(-size))];
  const moved = (by: readonly number[]): number[] =>
    w.flatMap((value, i) => (roundToBf16(value + (by[i] ?? 0)) === value ? [] : [i]));
  const [changed, nullChanged] = [moved(update), moved(shuffled)];
  const overlap = (mask: ReadonlySet<number>) => ({
    size: mask.size,
    overlap: changed.filter((i) => mask.has(i)).length,
    nullOverlap: nullChanged.filter((i) => mask.has(i)).length,
    exponents: exponentsOf(w.filter((_, i) => mask.has(i))),
  });
  const counts = {
    exponents: exponentsOf(w),
    n: w.length,
    update: changed.length,
    nullUpdate: nullChanged.length,
  };
  const about = { share: 0.3, k: 4, seed: 1 };
  return {
    ...counts,
    ...about,
    principal: overlap(principal),
    low: overlap(low),
    principalNotLow: overlap(principal),
  };
}

describe('mask overlap', () => {
  const found = evidenceOf({ masks: planted });

  it('is the share of the changed weights in the mask; the baseline is the density that the mask really has', () => {
    expect(valued('masks.principal', found)).toEqual({ value: 40 / 200, baseline: 0.3 });
    expect(valued('masks.low', found)).toEqual({ value: 150 / 200, baseline: 0.3 });
    expect(valued('masks.principal-not-low', found)).toEqual({ value: 10 / 200, baseline: 0.22 });
  });

  it('over the null: the ratio of the two shares, 1 for the null itself', () => {
    expect(valued('masks.low.over-null', found).value).toBeCloseTo(150 / 200 / (125 / 250), 14);
    expect(valued('masks.low.over-null', found).baseline).toBe(1);
    const itself = { ...planted, update: 250, low: { ...planted.low, overlap: 125 } };
    expect(valued('masks.low.over-null', evidenceOf({ masks: itself })).value).toBe(1);
  });

  it('has no value without changes, for an empty mask, or where the null misses the mask', () => {
    expect(measured('masks.low', evidenceOf({}))).toBe('not computed');
    const nothing = { ...planted, update: 0, low: { ...planted.low, overlap: 0, nullOverlap: 0 } };
    expect(measured('masks.low', evidenceOf({ masks: nothing }))).toBe('no weight changed in bfloat16');
    const empty = { ...planted, principalNotLow: { ...planted.low, size: 0, overlap: 0 } };
    expect(measured('masks.principal-not-low', evidenceOf({ masks: empty }))).toBe('the mask is empty');
    const missed = { ...planted, low: { ...planted.low, nullOverlap: 0 } };
    expect(measured('masks.low.over-null', evidenceOf({ masks: missed }))).toContain('permuted');
  });

  it('states share, rank (capped) and seed where they matter', () => {
    const options = StudyOptions.parse({ maskShare: 0.4, maskRank: 64, k: 48 });
    const all = new Map(maskOverlap(options).map((measure) => [measure.info.id, measure]));
    const item = { ...found, k: 20 };
    expect(all.get('masks.low')?.info.parameters).toEqual({ share: 0.4 });
    expect(all.get('masks.low.over-null')?.info.parameters).toEqual({ share: 0.4, seed: MASK_SEED });
    expect(all.get('masks.principal')?.info.parameters).toEqual({ share: 0.4, k: 48 });
    expect(all.get('masks.principal')?.parametersFor?.(item)).toEqual({ k: 20 });
    expect(all.get('masks.low')?.parametersFor).toBeUndefined();
  });
});

/** What is left of normal changes of one size, times factors, when the result is stored in bf16. */
function gaussianChanges(
  w: readonly number[],
  rms: number,
  seed: number,
  factors: readonly number[] = [],
): number[] {
  const changes = gaussian(w.length, 1, seed).values;
  return w.map((value, i) => roundToBf16(value + rms * (factors[i] ?? 1) * (changes[i] ?? 0)) - value);
}

describe('nulls', () => {
  const w = [...gaussian(N, 1, 21).values].map((value) => roundToBf16(0.02 * value));
  const noise = (seed: number): number[] => [...gaussian(N, 1, seed).values].map((value) => 4e-5 * value);

  // A random subset of K of n entries meets a mask of s in a hypergeometric number: variance K (s / n) (1 - s / n) (n - K) / (n - 1).
  it('changes placed at random meet every mask as often as its density says', () => {
    const chosen = randomSubset(N, 9000, 3);
    const update = w.map((value, i) => (chosen.has(i) ? value || 1 : 0));
    const masks = masksOf(w, update, update);
    expect(masks.update).toBe(9000);
    for (const id of ['masks.low', 'masks.principal']) {
      const { value, baseline } = valued(id, evidenceOf({ masks }));
      const deviation = Math.sqrt((baseline * (1 - baseline) * (N - 9000)) / (N - 1) / 9000);
      expect(Math.abs(value - baseline), id).toBeLessThan(4 * deviation);
    }
  });

  // Every count is a sum of independent events, so the relative variance of a share of K counts is (1 - share) / (share K).
  it('an isotropic update flips small weights mechanically: far above the density, at 1 over the precision-matched null', () => {
    const masks = masksOf(w, noise(22), noise(23));
    const found = evidenceOf({ masks });
    expect(valued('masks.low', found).value).toBeGreaterThan(0.5);
    expect(valued('masks.principal', found).value).toBeLessThan(0.2);
    for (const [id, mask] of [
      ['masks.low.over-null', masks.low],
      ['masks.principal.over-null', masks.principal],
    ] as const) {
      const relative = Math.sqrt(1 / mask.overlap + 1 / mask.nullOverlap);
      expect(Math.abs(valued(id, found).value - 1), id).toBeLessThan(4 * relative);
    }
  });

  // The count in a mask is a sum of independent events; the half as wide step below the lowest of 128 codes is left out.
  it.each([1e-5, 4e-5, 2e-4])(
    'an isotropic update of rms %f, stored in bf16: 1 over the isotropic update',
    (rms) => {
      const stored = gaussianChanges(w, rms, 24);
      const masks = masksOf(w, stored, stored);
      const found = evidenceOf({ masks });
      for (const [id, mask] of [
        ['masks.low.over-isotropic', masks.low],
        ['masks.principal.over-isotropic', masks.principal],
      ] as const) {
        if (mask.overlap < 50) continue;
        const within = 4 / Math.sqrt(mask.overlap) + 1 / 128;
        expect(Math.abs(valued(id, found).value - 1), id).toBeLessThan(within);
      }
    },
  );

  it('an update that favours small weights is above 1, and one that changes everything has no value', () => {
    const small = w.map((value) => (Math.abs(value) < 0.005 ? 4 : 1));
    const stored = gaussianChanges(w, 4e-5, 25, small);
    const masks = masksOf(w, stored, stored);
    const chance = 4 / Math.sqrt(masks.low.overlap) + 1 / 128;
    expect(valued('masks.low.over-isotropic', evidenceOf({ masks })).value).toBeGreaterThan(1 + chance);
    const all = { ...masks, update: masks.n };
    expect(measured('masks.low.over-isotropic', evidenceOf({ masks: all }))).toContain('every weight');
  });
});
