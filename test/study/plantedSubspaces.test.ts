import { describe, expect, it } from 'vitest';
import {
  compose,
  entry,
  gaussian,
  matrix,
  orthonormal,
  plus,
  scale,
  type Matrix,
} from '../fixtures/matrix.ts';
import { PlantedStudies, stored, type PlantedDtype, type PlantedStudy } from '../fixtures/plantedStudy.ts';

const [ROWS, COLS, K] = [96, 64, 8];
const NAME = 'model.layers.0.mlp.up_proj.weight';
const DEGREE = Math.PI / 180;
const MIDDLE = (COLS - K) / 2;
const TAIL = COLS - K;
/** Three clusters of K values, leading, middle and trailing, each alone. */
const SIGMA = Array.from({ length: COLS }, (_, i) => {
  if (i < K) return 20 - 0.1 * i;
  if (i < MIDDLE) return 12 - 0.05 * i;
  if (i < MIDDLE + K) return 8 - 0.02 * i;
  return i < TAIL ? 5 - 0.02 * i : 1 - 0.002 * i;
});
const u = orthonormal(gaussian(ROWS, ROWS, 1));
const v = orthonormal(gaussian(COLS, COLS, 2));
const across = (q: Matrix): Matrix => matrix(q.rows, COLS, (i, j) => entry(q, i, j));
const base = compose(across(u), SIGMA, v);
const studies = new PlantedStudies();

async function measure(
  reference: Matrix,
  variant: Matrix,
  dtype: PlantedDtype,
  options: { k: number; kSweep?: number[] } = { k: K },
): Promise<PlantedStudy> {
  const variants = { v: { model: { [NAME]: variant } } };
  return await studies.run({ base: { [NAME]: reference }, variants, dtype, options });
}

/** Turns K columns of u from `start` on by theta into columns outside of the row space: the input side stays. */
function turned(start: number, theta: number): Matrix {
  return matrix(ROWS, ROWS, (i, j) => {
    const partner =
      j >= start && j < start + K ? COLS + j - start : j >= COLS && j < COLS + K ? j - COLS + start : j;
    if (partner === j) return entry(u, i, j);
    const sign = j < COLS ? 1 : -1;
    return Math.cos(theta) * entry(u, i, j) + sign * Math.sin(theta) * entry(u, i, partner);
  });
}

const rounding = (w: Matrix, dtype: PlantedDtype): number =>
  Math.hypot(...plus(stored(w, dtype), w, -1).values);

/** Degrees by which storage may turn the directions from `start` to `end`: Wedin with the separation on both sides, and the Gram route. */
function tolerance(variant: Matrix, dtype: PlantedDtype, [start, end]: readonly [number, number]): number {
  const at = (i: number): number => SIGMA[i] ?? 0;
  const gap = Math.min(start === 0 ? Infinity : at(start - 1) - at(start), at(end - 1) - at(end));
  const moved = rounding(base, dtype) + rounding(variant, dtype);
  const arithmetic = (ROWS * 2 ** -52 * at(0) ** 2) / (gap * (at(end - 1) + at(end)));
  return (Math.asin(moved / (gap - moved)) + arithmetic) / DEGREE;
}

const CUTS = { '': [0, K], 'middle.': [MIDDLE, MIDDLE + K], 'tail.': [TAIL, COLS] } as const;

describe.each<PlantedDtype>(['F64', 'F32', 'BF16'])('planted rotations stored as %s', (dtype) => {
  it.each([
    ['middle.', 0.5],
    ['middle.', 40],
    ['tail.', 0.5],
    ['tail.', 40],
  ] as const)('of the %s directions by %f degrees: they turn, the others stay', async (cut, degrees) => {
    const variant = compose(across(turned(CUTS[cut][0], degrees * DEGREE)), SIGMA, v);
    const found = await measure(base, variant, dtype);
    for (const [name, range] of Object.entries(CUTS)) {
      const within = tolerance(variant, dtype, range);
      const planted = name === cut ? degrees : 0;
      for (const statistic of ['median', 'max']) {
        const left = found.value(`angles.${name}left.${statistic}`);
        expect(Math.abs(left - planted), `${name}left.${statistic}`).toBeLessThan(within);
        expect(found.value(`angles.${name}right.${statistic}`), `${name}right`).toBeLessThan(within);
      }
    }
    const curve = found.study.curves(NAME).find(({ name }) => name === `angles-${cut.replace('.', '')}-left`);
    expect(curve?.values).toHaveLength(K);
  });

  it('a tail of zeros is below the floor: no angle of it, with the reason; head and middle have theirs', async () => {
    // Columns of exact zeros, so that no rounding fills them.
    const cut = (w: Matrix): Matrix => ({
      ...w,
      values: w.values.map((x, i) => (i % COLS >= COLS - 4 ? 0 : x)),
    });
    const found = await measure(cut(base), cut(plus(base, scale(gaussian(ROWS, COLS, 5), 0.05))), dtype);
    for (const side of ['left', 'right']) {
      const row = found.row(`angles.tail.${side}.max`);
      expect(row.value).toBeNull();
      expect(row.reason).toContain('noise floor');
      expect(found.value(`angles.middle.${side}.max`)).toBeGreaterThan(0);
      expect(found.value(`angles.${side}.max`)).toBeGreaterThan(0);
    }
  });
});

describe('a sweep of dimensions', () => {
  const noisy = plus(base, scale(gaussian(ROWS, COLS, 6), 0.02));

  it('gives the values of studies with that k', async () => {
    const swept = await measure(base, noisy, 'F32', { k: K, kSweep: [4, 16, 32] });
    for (const k of [4, 16, 32]) {
      const alone = await measure(base, noisy, 'F32', { k, kSweep: [] });
      // Both find the same singular vectors, each to d eps s_1^2 over the separation of the cut.
      const separation = ((SIGMA[k - 1] ?? 0) - (SIGMA[k] ?? 0)) * (SIGMA[k] ?? 0);
      const within = (2 * ROWS * 2 ** -52 * (SIGMA[0] ?? 0) ** 2) / separation / DEGREE;
      for (const name of ['left.median', 'left.max', 'right.median', 'right.max'])
        expect(
          Math.abs(swept.value(`angles.k-${String(k)}.${name}`) - alone.value(`angles.${name}`)),
        ).toBeLessThan(within);
      const gap = swept.row(`angles.k-${String(k)}.gap`);
      expect(gap.value).toBeCloseTo(alone.value('angles.gap'), 12);
      expect(gap.baseline).toBeCloseTo(alone.baseline('angles.gap'), 12);
      expect(swept.baseline(`angles.k-${String(k)}.left.median`)).toBe(alone.baseline('angles.left.median'));
    }
  });

  it('of more than half the smaller side has no value, and says why', async () => {
    const found = await measure(base, noisy, 'BF16', { k: K, kSweep: [33] });
    expect(found.row('angles.k-33.left.max')).toMatchObject({ value: null });
    expect(found.row('angles.k-33.left.max').reason).toContain('half of the smaller side');
  });

  it.each([
    ['BF16', 0.01],
    ['F32', 0.01],
    ['F64', 0.05],
    ['BF16', 0.2],
  ] as const)('no angle exceeds the bound of Wedin, stored as %s, noise %f', async (dtype, size) => {
    const variant = plus(base, scale(gaussian(ROWS, COLS, 7), size));
    for (const k of [4, K, 16, 32]) {
      const found = await measure(base, variant, dtype, { k, kSweep: [] });
      const bound = found.value('angles.wedin-bound');
      for (const side of ['left', 'right'])
        expect(found.value(`angles.${side}.max`), `k = ${String(k)}`).toBeLessThanOrEqual(bound + 1e-9);
    }
  });
});

describe('random subspaces', () => {
  // Angles repel each other: a statistic of 8 of them strays by less than the spacing of two, 90 / 8 degrees.
  it('another matrix altogether: head, middle and tail at their baselines', async () => {
    const other = compose(
      across(orthonormal(gaussian(ROWS, ROWS, 11))),
      SIGMA,
      orthonormal(gaussian(COLS, COLS, 12)),
    );
    const found = await measure(base, other, 'F32');
    for (const cut of Object.keys(CUTS)) {
      for (const side of ['left', 'right']) {
        const id = `angles.${cut}${side}.median`;
        expect(Math.abs(found.value(id) - found.baseline(id)), id).toBeLessThan(90 / K);
      }
    }
  });
});
