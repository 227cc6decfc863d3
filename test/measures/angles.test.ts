import { describe, expect, it } from 'vitest';
import { StudyOptions } from '../../src-main/contract/study.ts';
import { randomAngles } from '../../src-main/measures/chance.ts';
import { middleStart, sweepDimensions } from '../../src-main/measures/evidence.ts';
import { measureInfo } from '../../src-main/measures/registry.ts';
import { evidenceOf, measured, valued } from '../fixtures/evidence.ts';
import { singularValues } from '../fixtures/jacobi.ts';
import { gaussian, orthonormal, plus, product, scale, transpose } from '../fixtures/matrix.ts';

const radians = (...degrees: number[]): Float64Array =>
  Float64Array.from(degrees, (angle) => (angle * Math.PI) / 180);

const spectra = {
  reference: Float64Array.of(4, 2, 1, 0.5),
  variant: Float64Array.of(4, 2, 1, 0.5),
  update: Float64Array.of(0.1, 0, 0, 0),
};
const angles = { left: radians(1, 2, 9), right: radians(3, 4, 5) };

describe('middle and tail', () => {
  const found = evidenceOf({ rows: 20, cols: 12, k: 3, spectra, middle: angles, tail: angles });

  it.each(['middle', 'tail'])('%s: statistics of both sides, beside random subspaces', (part) => {
    expect(valued(`angles.${part}.left.median`, found).value).toBeCloseTo(2, 12);
    expect(valued(`angles.${part}.left.max`, found).value).toBeCloseTo(9, 12);
    expect(valued(`angles.${part}.right.median`, found).value).toBeCloseTo(4, 12);
    expect(valued(`angles.${part}.right.max`, found).value).toBeCloseTo(5, 12);
    expect(valued(`angles.${part}.left.median`, found).baseline).toBe(randomAngles(3, 20).median);
    expect(valued(`angles.${part}.right.median`, found).baseline).toBe(randomAngles(3, 12).median);
  });

  it('a tail below the floor has a reason; a matrix that was not decomposed another', () => {
    expect(measured('angles.tail.left.median', { ...found, tail: null })).toContain('noise floor');
    expect(measured('angles.tail.left.median', { ...found, tail: null, spectra: null })).toBe('not computed');
    expect(measured('angles.middle.left.median', { ...found, middle: null })).toBe('not computed');
    expect(measured('angles.tail.left.median', { ...found, k: 0 })).toContain('no principal subspace');
  });

  it('the middle is centred', () => {
    expect(middleStart(3, 20, 11)).toBe(4);
    expect(middleStart(2, 8, 8)).toBe(3);
    expect(middleStart(4, 8, 100)).toBe(2);
  });
});

describe('the sweep', () => {
  const sweep = new Map([
    [5, { left: radians(7, 7), right: radians(7, 7) }],
    [2, angles],
  ]);
  const found = evidenceOf({ rows: 20, cols: 12, k: 3, spectra, sweep });
  const options = { kSweep: [8, 2, 2] };

  it('names each dimension once, ascending, and keeps it whatever k the study has', () => {
    const infos = measureInfo({ ...StudyOptions.parse(options), k: 77 });
    const swept = infos.filter(({ id }) => id.startsWith('angles.k-'));
    expect(swept.map(({ id }) => id)).toEqual(
      [2, 8].flatMap((k) =>
        ['left.median', 'left.max', 'right.median', 'right.max', 'gap'].map(
          (of) => `angles.k-${String(k)}.${of}`,
        ),
      ),
    );
    expect(swept.map(({ parameters }) => parameters['k'])).toEqual([2, 2, 2, 2, 2, 8, 8, 8, 8, 8]);
    expect(infos.find(({ id }) => id === 'angles.left.median')?.parameters['k']).toBe(77);
  });

  it('reads the angles and the gap at its own dimension', () => {
    expect(valued('angles.k-2.left.max', found, options).value).toBeCloseTo(9, 12);
    expect(valued('angles.k-2.left.median', found, options).baseline).toBe(randomAngles(2, 20).median);
    const gap = valued('angles.k-2.gap', found, options);
    expect(gap.value).toBeCloseTo((2 - 1) / 2, 14);
    expect(gap.baseline).toBeCloseTo(0.1 / 2, 14);
  });

  it('is never capped: what does not fit has a reason', () => {
    expect(sweepDimensions([8, 2, 6, 2], 20, 12)).toEqual([2, 6]);
    expect(measured('angles.k-8.left.median', found, options)).toContain('more than half');
    expect(measured('angles.k-8.gap', found, options)).toContain('more than half');
    expect(measured('angles.k-2.left.median', { ...found, sweep: null }, options)).toBe('not computed');
  });
});

describe('random subspaces', () => {
  const [k, rows, draws] = [4, 40, 60];
  const cosines = Array.from({ length: draws }, (_, seed) => {
    const a = orthonormal(gaussian(rows, k, 1000 + seed));
    const b = orthonormal(gaussian(rows, k, 2000 + seed));
    return singularValues(product(transpose(a), b));
  });

  // Var |U_a^T U_b|_F^2 = 2 k^2 (d - k)^2 / (d^2 (d - 1) (d + 2)) for uniform k-subspaces of R^d.
  it('|U_a^T U_b|_F^2 is k^2 / d on average', () => {
    const mean = cosines.flatMap((c) => [...c]).reduce((sum, c) => sum + c * c, 0) / draws;
    const variance = (2 * k ** 2 * (rows - k) ** 2) / (rows ** 2 * (rows - 1) * (rows + 2));
    expect(Math.abs(mean - k ** 2 / rows)).toBeLessThan(4 * Math.sqrt(variance / draws));
  });

  // Half of the angles lie below the median: a binomial share, and angles of one draw repel each other, which narrows it.
  it('half of the angles lie below the baseline', () => {
    const left = Float64Array.from(cosines[0] ?? [], (c) => Math.acos(c));
    const { baseline } = valued('angles.left.median', evidenceOf({ rows, k, angles: { left, right: left } }));
    const all = cosines.flatMap((c) => [...c]).map((c) => (Math.acos(Math.min(1, c)) * 180) / Math.PI);
    const below = all.filter((angle) => angle < baseline).length / all.length;
    expect(Math.abs(below - 0.5)).toBeLessThan((4 * 0.5) / Math.sqrt(all.length));
  });
});

describe('bounds on spectra', () => {
  it.each([1e-3, 0.1, 10])('Mirsky and Weyl hold for an update of size %f', (size) => {
    const w = gaussian(24, 16, 5);
    const update = scale(gaussian(24, 16, 6), size);
    const found = evidenceOf({
      rows: 24,
      cols: 16,
      k: 4,
      spectra: {
        reference: singularValues(w),
        variant: singularValues(plus(w, update)),
        update: singularValues(update),
      },
    });
    const { value, baseline } = valued('spectrum.nss', found);
    expect(value).toBeLessThanOrEqual(baseline);
    const { reference, variant, update: values } = found.spectra ?? spectra;
    const largest = Math.max(...reference.map((s, i) => Math.abs((variant[i] ?? NaN) - s)));
    expect(largest).toBeLessThanOrEqual(values[0] ?? NaN);
    expect(valued('spectrum.nss-over-ceiling', found).value).toBeLessThanOrEqual(1);
  });
});
