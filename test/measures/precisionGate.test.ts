import { describe, expect, it } from 'vitest';
import { bf16Threshold, roundToBf16 } from '../../src-main/measures/bf16.ts';
import { elementsOf, evidenceOf, measured, valued } from '../fixtures/evidence.ts';
import { gaussian, matrix, plus, scale, type Matrix } from '../fixtures/matrix.ts';

const ADAPTER = { reference: 'BF16', variant: 'BF16 + LoRA' };
const W = roundToBf16(0.02);

const row = (...values: number[]): Matrix => matrix(1, values.length, (_, j) => values[j] ?? NaN);

describe('the half-step rule', () => {
  it('|w| = 0.02: the step is 2^-13, and a change moves the stored weight from half of it on', () => {
    expect(roundToBf16(W + 2 ** -13)).toBe(W + 2 ** -13);
    expect(roundToBf16(W + 2 ** -14 - 2 ** -24)).toBe(W);
    expect(roundToBf16(W + 2 ** -14 + 2 ** -24)).toBe(W + 2 ** -13);
    // At a learning rate of 1e-6 it takes about 61 steps of one sign.
    expect(Math.ceil(2 ** -14 / 1e-6)).toBe(62);
  });

  it('a tolerance of 1e-5 hides one step of every weight below 2^-9, and none above', () => {
    const threshold = bf16Threshold(1e-5);
    expect(2 ** (-10 - 7)).toBeLessThanOrEqual(threshold);
    expect(2 ** (-9 - 7)).toBeGreaterThan(threshold);
  });
});

describe('what rounding swallows', () => {
  it('counts changes below and above half a step; weights without a change count nowhere', () => {
    const w = row(W, W, W, W, W);
    const variant = row(W, W + 2 ** -15, W - 2 ** -15, W + 2 ** -13, W - 2 ** -12);
    const found = evidenceOf({ dtypes: ADAPTER, elements: elementsOf(w, variant) });
    expect(valued('gate.swallowed', found).value).toBe(2 / 4);
  });

  it('is undefined where both sides are stored in BF16, and where nothing changed', () => {
    const elements = elementsOf(row(W, 1), row(W, 2));
    expect(measured('gate.swallowed', evidenceOf({ elements }))).toContain('rounding has happened already');
    const unchanged = elementsOf(row(W, 1), row(W, 1));
    expect(measured('gate.swallowed', evidenceOf({ dtypes: ADAPTER, elements: unchanged }))).toBe(
      'no weight changed as stored',
    );
  });

  // Four standard deviations of a binomial share; below a power of two the step is half as wide, which concerns 1/128 of the weights.
  const tolerance = (p: number, count: number): number => 4 * Math.sqrt((p * (1 - p)) / count) + 1 / 128 / 4;
  const [ROWS, COLS] = [200, 200];
  const finer = scale(gaussian(ROWS, COLS, 51), 0.02);
  const stored = { ...finer, values: finer.values.map(roundToBf16) };

  it.each([1e-5, 5e-5, 3e-4])('an isotropic update of rms %f on bf16 weights: the baseline', (rms) => {
    const elements = elementsOf(stored, plus(stored, gaussian(ROWS, COLS, 52), rms));
    const { value, baseline } = valued('gate.swallowed', evidenceOf({ dtypes: ADAPTER, elements }));
    expect(Math.abs(value - baseline)).toBeLessThan(tolerance(baseline, ROWS * COLS));
  });

  it.each([1e-5, 5e-5, 3e-4])('an isotropic update of rms %f on finer weights: the baseline', (rms) => {
    const elements = elementsOf(finer, plus(finer, gaussian(ROWS, COLS, 53), rms));
    const dtypes = { reference: 'F32', variant: 'F32' };
    const { value, baseline } = valued('gate.swallowed', evidenceOf({ dtypes, elements }));
    expect(Math.abs(value - baseline)).toBeLessThan(tolerance(baseline, ROWS * COLS));
    // Updates much larger than a step make both places alike; smaller ones leave bf16 numbers but rarely.
    const onGrid = valued('gate.swallowed', evidenceOf({ dtypes: ADAPTER, elements })).baseline;
    if (rms < 1e-4) expect(onGrid - value).toBeGreaterThan(tolerance(baseline, ROWS * COLS));
  });

  it('a sparse update is compared with one of the same size on as many weights', () => {
    const update = gaussian(ROWS, COLS, 54);
    const sparse = { ...update, values: update.values.map((value, i) => (i % 10 === 0 ? value : 0)) };
    const elements = elementsOf(stored, plus(stored, sparse, 5e-5));
    const { value, baseline } = valued('gate.swallowed', evidenceOf({ dtypes: ADAPTER, elements }));
    expect(Math.abs(value - baseline)).toBeLessThan(tolerance(baseline, (ROWS * COLS) / 10));
  });
});
