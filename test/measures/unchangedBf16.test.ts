import { describe, expect, it } from 'vitest';
import { roundToBf16 } from '../../src-main/measures/bf16.ts';
import { elementsOf, evidenceOf, valued } from '../fixtures/evidence.ts';
import { gaussian, plus, scale, type Matrix } from '../fixtures/matrix.ts';

const [ROWS, COLS] = [200, 200];
const onGrid = (w: Matrix): Matrix => ({ ...w, values: w.values.map(roundToBf16) });
const single = (w: Matrix): Matrix => ({ ...w, values: w.values.map(Math.fround) });
const weights = scale(gaussian(ROWS, COLS, 41), 0.02);

/** Evidence of an isotropic update of weights stored as they are. */
function isotropic(w: Matrix, rms: number, reference: string) {
  const variant = single(plus(w, scale(gaussian(ROWS, COLS, 42), rms)));
  return evidenceOf({
    rows: ROWS,
    cols: COLS,
    dtypes: { reference, variant: 'F32' },
    elements: elementsOf(w, variant),
  });
}

describe.each([1e-3, 1e-4, 3e-5, 1e-5])(
  'weights unchanged in bf16 by an isotropic update of rms %f',
  (rms) => {
    // Four standard deviations of a share of independent weights. A weight in the lowest step of its binade has a step half as wide below
    // it, which the baseline leaves out: 1 of 128 steps, where at most half of the outcomes differ by a factor of 2.
    const near = (share: number): number =>
      4 * Math.sqrt((share * (1 - share)) / (ROWS * COLS)) + 1 / 128 / 4;

    it('as many as the baseline says, of a reference on bf16 numbers', () => {
      const { value, baseline } = valued('update.unchanged.bf16', isotropic(onGrid(weights), rms, 'BF16'));
      expect(Math.abs(value - baseline)).toBeLessThan(near(baseline));
    });

    it('and of a float32 reference, whose weights lie anywhere between them', () => {
      const { value, baseline } = valued('update.unchanged.bf16', isotropic(single(weights), rms, 'F32'));
      expect(Math.abs(value - baseline)).toBeLessThan(near(baseline));
    });
  },
);

describe('the two baselines', () => {
  it('differ by far more than that where updates are small', () => {
    const evidence = isotropic(single(weights), 1e-5, 'F32');
    const wrong = { ...evidence, dtypes: { reference: 'BF16', variant: 'F32' } };
    const { value, baseline } = valued('update.unchanged.bf16', wrong);
    expect(baseline - value).toBeGreaterThan(0.05);
  });
});
