import { describe, expect, it } from 'vitest';
import {
  gaussianEffectiveRank,
  gaussianEnergyRank,
  gaussianStableRank,
  randomAngles,
  swallowedByRounding,
} from '../../src-main/measures/chance.ts';
import { roundToBf16 } from '../../src-main/measures/bf16.ts';
import { singularValues } from '../fixtures/jacobi.ts';
import { gaussian, orthonormal, product, transpose } from '../fixtures/matrix.ts';

const ROWS = 120;
const COLS = 60;

describe('what a Gaussian update gives', () => {
  const spectra = Array.from({ length: 8 }, (_, seed) => singularValues(gaussian(ROWS, COLS, seed + 1)));
  const mean = (of: (sigma: Float64Array) => number): number =>
    spectra.reduce((sum, sigma) => sum + of(sigma), 0) / spectra.length;

  // Finite-size corrections of edge statistics are of order N^(-2/3), 6 % at N = 60; of bulk statistics of order 1/N.
  it('stable rank', () => {
    const measured = mean((sigma) => sigma.reduce((sum, s) => sum + s * s, 0) / (sigma[0] ?? NaN) ** 2);
    expect(Math.abs(measured / gaussianStableRank(ROWS, COLS) - 1)).toBeLessThan(COLS ** (-2 / 3));
  });

  it('effective rank', () => {
    const measured = mean((sigma) => {
      const total = sigma.reduce((sum, s) => sum + s, 0);
      return Math.exp(-sigma.reduce((sum, s) => sum + (s / total) * Math.log(s / total), 0));
    });
    expect(Math.abs(measured / gaussianEffectiveRank(ROWS, COLS) - 1)).toBeLessThan(1 / COLS);
  });

  it.each([0.5, 0.9, 0.99])('rank that holds %f of the energy', (share) => {
    const measured = mean((sigma) => {
      const total = sigma.reduce((sum, s) => sum + s * s, 0);
      let energy = 0;
      return sigma.findIndex((s) => (energy += s * s) >= share * total) + 1;
    });
    expect(Math.abs(measured - gaussianEnergyRank(ROWS, COLS, share))).toBeLessThan(1.5);
  });

  it('a square matrix spreads its spectrum down to zero', () => {
    expect(gaussianStableRank(100, 100)).toBe(25);
    expect(gaussianEnergyRank(100, 100, 1)).toBe(100);
  });
});

describe('angles between random subspaces', () => {
  it('mean cos^2 is k / d, and the law is that of simulated subspaces', () => {
    const [k, d] = [20, 80];
    const angles = Array.from({ length: 12 }, (_, seed) => {
      const a = orthonormal(gaussian(d, k, 100 + seed));
      const b = orthonormal(gaussian(d, k, 200 + seed));
      return [...singularValues(product(transpose(a), b))].map(
        (c) => (Math.acos(Math.min(1, c)) * 180) / Math.PI,
      );
    }).flat();
    const sorted = [...angles].sort((x, y) => x - y);
    const chance = randomAngles(k, d);
    const cosines =
      angles.reduce((sum, angle) => sum + Math.cos((angle * Math.PI) / 180) ** 2, 0) / angles.length;
    // 240 angles repel each other, so their means vary far less than independent ones: 1 degree is ample.
    expect(Math.abs(cosines - k / d)).toBeLessThan(0.02);
    expect(Math.abs((sorted[angles.length / 2] ?? NaN) - chance.median)).toBeLessThan(1);
    expect(
      Math.abs(angles.reduce((sum, angle) => sum + angle, 0) / angles.length - chance.mean),
    ).toBeLessThan(1);
    expect(chance.max).toBe(90);
  });

  it('half the space against half the space: cos^2 is arcsine distributed, median 45 degrees', () => {
    expect(randomAngles(50, 100).median).toBeCloseTo(45, 1);
    expect(randomAngles(50, 100).mean).toBeCloseTo(45, 6);
  });
});

describe('what bfloat16 swallows of an isotropic update', () => {
  it.each([1e-2, 1e-3, 1e-4, 1e-5])('of rms %f: as many weights as a simulation leaves unchanged', (rms) => {
    const count = 40_000;
    const weights = gaussian(count, 1, 31).values.map((value) => roundToBf16(0.02 * value));
    const update = gaussian(count, 1, 32).values;
    const unchanged = weights.filter((w, i) => roundToBf16(w + rms * (update[i] ?? 0)) === w).length;
    const exponents = Array.from({ length: 256 }, () => 0);
    for (const w of weights) {
      const biased = w === 0 ? 0 : Math.floor(Math.log2(Math.abs(w))) + 127;
      exponents[biased] = (exponents[biased] ?? 0) + 1;
    }
    const expected = swallowedByRounding(exponents, rms) / count;
    // Four standard deviations of a share; at powers of two the step below is half as wide, 1/128 of the weights.
    const tolerance = 4 * Math.sqrt((expected * (1 - expected)) / count) + 1 / 128 / 4;
    expect(Math.abs(unchanged / count - expected)).toBeLessThan(tolerance);
  });

  it('nothing moves without an update, everything without steps', () => {
    const exponents = Array.from({ length: 256 }, (_, e) => (e === 120 ? 10 : 0));
    expect(swallowedByRounding(exponents, 0)).toBe(10);
    expect(swallowedByRounding(exponents, 1e6)).toBeLessThan(1e-6);
  });
});
