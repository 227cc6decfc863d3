import { describe, expect, it } from 'vitest';
import type { SvfEvidence } from '../../src-main/measures/evidence.ts';
import { evidenceOf, measured, valued } from '../fixtures/evidence.ts';
import { entry, gaussian } from '../fixtures/matrix.ts';

const [ROWS, COLS] = [60, 40];
const sigma = Float64Array.from({ length: COLS }, (_, i) => 5 - 0.1 * i);

const found = (svf: SvfEvidence) => evidenceOf({ rows: ROWS, cols: COLS, svf });

describe('singular value fine-tuning', () => {
  it('a rescaling of singular values is explained entirely, and its z are found', () => {
    const diagonal = sigma.map((value, i) => (i % 2 === 0 ? 0.1 : -0.1) * value);
    const total = diagonal.reduce((sum, value) => sum + value * value, 0);
    expect(valued('svf.explained', found({ diagonal, sigma, total, floor: 0 })).value).toBeCloseTo(1, 14);
    expect(valued('svf.z-rms', found({ diagonal, sigma, total, floor: 0 })).value).toBeCloseTo(0.1, 14);
  });

  it('a rotation is not explained at all', () => {
    const rotation = found({ diagonal: new Float64Array(COLS), sigma, total: 3, floor: 0 });
    expect(valued('svf.explained', rotation).value).toBe(0);
    expect(valued('svf.z-rms', rotation).value).toBe(0);
  });

  it('z of directions at or below the floor count nowhere', () => {
    const short = Float64Array.of(4, 2, 1e-9, 0);
    const svf = { diagonal: Float64Array.of(0.4, 0.2, 5, 5), sigma: short, total: 100, floor: 1e-8 };
    const { value, baseline } = valued('svf.z-rms', found(svf));
    expect(value).toBeCloseTo(0.1, 14);
    expect(baseline).toBeCloseTo(Math.sqrt((100 / (ROWS * COLS)) * ((1 / 16 + 1 / 4) / 2)), 14);
    const none = { ...svf, sigma: new Float64Array(4) };
    expect(measured('svf.z-rms', found(none))).toContain('above the floor');
  });

  // In any orthonormal frame an isotropic update has independent Gaussian entries, so the frame may be that of the axes. The energy of q of
  // mn of them is Beta(q / 2, (mn - q) / 2): mean q / mn, variance 2 mean (1 - mean) / (mn + 2).
  it('an isotropic update: both at their baselines within five standard deviations', () => {
    const update = gaussian(ROWS, COLS, 41);
    const diagonal = Float64Array.from({ length: COLS }, (_, i) => entry(update, i, i));
    const total = update.values.reduce((sum, value) => sum + value * value, 0);
    const isotropic = found({ diagonal, sigma, total, floor: 0 });
    const share = valued('svf.explained', isotropic);
    expect(share.baseline).toBe(1 / ROWS);
    const variance = (2 * share.baseline * (1 - share.baseline)) / (ROWS * COLS + 2);
    expect(Math.abs(share.value - share.baseline)).toBeLessThan(5 * Math.sqrt(variance));
    // Squares of Gaussians weighted by 1 / s^2: relative variance 2 sum w^2 / (sum w)^2, half of it as a root.
    const weights = [...sigma].map((value) => value ** -2);
    const sum = weights.reduce((all, w) => all + w, 0);
    const squares = weights.reduce((all, w) => all + w * w, 0);
    const z = valued('svf.z-rms', isotropic);
    expect(Math.abs(z.value / z.baseline - 1)).toBeLessThan((5 * Math.sqrt((2 * squares) / sum ** 2)) / 2);
  });

  it('has no value without an update or without evidence', () => {
    const zero = found({ diagonal: new Float64Array(COLS), sigma, total: 0, floor: 0 });
    expect(measured('svf.explained', zero)).toBe('the update is exactly zero');
    expect(measured('svf.explained', evidenceOf({}))).toBe('not computed');
  });
});
