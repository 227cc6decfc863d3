import { describe, expect, it } from 'vitest';
import { powerLaw } from '../../src-main/measures/powerLaw.ts';
import { weightWatcher } from '../../src-main/measures/weightWatcher.ts';
import { evidenceOf, measured, valued } from '../fixtures/evidence.ts';
import { uniform } from '../fixtures/matrix.ts';

/** A uniform bulk below 1 and a Pareto tail of density exponent alpha above it, ascending. */
function heavyTail(bulk: number, tail: number, alpha: number, seed: number): Float64Array {
  const next = uniform(seed);
  const small = Array.from({ length: bulk }, () => next());
  const large = Array.from({ length: tail }, () => next() ** (-1 / (alpha - 1)));
  return Float64Array.from([...small, ...large]).sort();
}

/** Every start, every distance, no short cut. */
function plainFit(values: Float64Array): { alpha: number; distance: number } {
  let best = { alpha: NaN, distance: Infinity };
  for (let i = 0; i < values.length - 1; i++) {
    const tail = values.subarray(i);
    const xmin = tail[0] ?? NaN;
    const alpha = 1 + tail.length / tail.reduce((sum, x) => sum + Math.log(x / xmin), 0);
    const distances = tail.map((x, j) => Math.abs(1 - (x / xmin) ** (1 - alpha) - j / tail.length));
    const distance = Math.max(...distances);
    if (distance < best.distance) best = { alpha, distance };
  }
  return best;
}

describe('power-law fit', () => {
  it.each([1, 2, 3])('equals the plain search over all starts (seed %i)', (seed) => {
    const values = heavyTail(40, 80, 2.5, seed);
    const fit = powerLaw(values);
    const plain = plainFit(values);
    // Sums of 120 logarithms.
    expect(Math.abs((fit?.alpha ?? NaN) / plain.alpha - 1)).toBeLessThan(120 * 120 * Number.EPSILON);
    expect(Math.abs((fit?.distance ?? NaN) - plain.distance)).toBeLessThan(120 * 120 * Number.EPSILON);
  });

  // For a known start the estimate has standard deviation (alpha - 1) / sqrt(n).
  it.each([2, 3, 5])('finds alpha = %f of a planted tail', (alpha) => {
    const values = heavyTail(1000, 3000, alpha, 9);
    const fit = powerLaw(values) ?? { alpha: NaN, xmin: NaN };
    const count = values.filter((value) => value >= fit.xmin).length;
    expect(Math.abs(fit.alpha - alpha)).toBeLessThan((5 * (alpha - 1)) / Math.sqrt(count));
    expect(count).toBeGreaterThan(300);
  });

  it('does not depend on the scale, and takes ties as they are', () => {
    const values = heavyTail(50, 100, 3, 4);
    const scaled = powerLaw(values.map((value) => 1e-9 * value));
    expect(scaled?.alpha).toBeCloseTo(powerLaw(values)?.alpha ?? NaN, 8);
    expect(powerLaw(Float64Array.of(2, 2, 2))).toBeNull();
    expect(powerLaw(Float64Array.of(1, 2, 2, 2))?.xmin).toBe(1);
  });
});

describe('columns of WeightWatcher', () => {
  const eigenvalues = heavyTail(40, 80, 3, 6).reverse();
  const sigma = eigenvalues.map(Math.sqrt);
  const spectra = { reference: sigma, variant: sigma.map((value) => 2 * value), update: sigma };
  const found = evidenceOf({ rows: 200, cols: 120, spectra });

  it('have the names their users know, and are computed only when asked for', () => {
    expect(weightWatcher.map(({ info }) => info.title)).toEqual([
      'alpha',
      'stable_rank',
      'log_spectral_norm',
    ]);
    expect(weightWatcher.every(({ info }) => info.optional)).toBe(true);
  });

  it('are of eigenvalues s^2 of the variant, with the reference as baseline', () => {
    const alpha = valued('ww.alpha', found);
    expect(alpha.value).toBeCloseTo(powerLaw(eigenvalues.toReversed())?.alpha ?? NaN, 8);
    expect(alpha.value).toBeCloseTo(alpha.baseline, 8);
    const largest = eigenvalues[0] ?? NaN;
    const sum = eigenvalues.reduce((total, value) => total + value, 0);
    expect(valued('ww.stable_rank', found).value).toBeCloseTo(sum / largest, 10);
    expect(valued('ww.log_spectral_norm', found).value).toBeCloseTo(Math.log10(4 * largest), 12);
    expect(valued('ww.log_spectral_norm', found).baseline).toBeCloseTo(Math.log10(largest), 12);
  });

  it('alpha does not fit zeros, and nothing of a few eigenvalues or of a zero matrix', () => {
    const padded = new Float64Array(160);
    padded.set(sigma);
    const rank = evidenceOf({ rows: 200, cols: 160, spectra: { ...spectra, variant: padded } });
    expect(valued('ww.alpha', rank).value).toBeCloseTo(valued('ww.alpha', found).value, 8);
    const few = { ...spectra, variant: sigma.subarray(0, 30) };
    expect(measured('ww.alpha', evidenceOf({ spectra: few }))).toContain('fewer than 50');
    const zero = { ...spectra, variant: new Float64Array(120) };
    for (const { info } of weightWatcher)
      expect(measured(info.id, evidenceOf({ spectra: zero }))).toBe('the matrix is exactly zero');
    const fromZero = evidenceOf({
      rows: 200,
      cols: 120,
      spectra: { ...spectra, reference: new Float64Array(120) },
    });
    expect(measured('ww.stable_rank', fromZero)).toMatchObject({ baseline: null });
  });
});
