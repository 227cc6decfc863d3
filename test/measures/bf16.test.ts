import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bf16Threshold, roundToBf16 } from '../../src-main/measures/bf16.ts';

describe('bfloat16', () => {
  it('rounds to nearest, ties to even', () => {
    expect(roundToBf16(1)).toBe(1);
    expect(roundToBf16(1 + 2 ** -8)).toBe(1);
    expect(roundToBf16(1 + 3 * 2 ** -8)).toBe(1 + 2 ** -6);
    expect(roundToBf16(1 + 2 ** -8 + 2 ** -20)).toBe(1 + 2 ** -7);
    expect(roundToBf16(1e-5)).toBeCloseTo(1.00136e-5, 10);
  });

  it('the threshold is exact: |d| <= threshold if and only if |b(d)| <= b(t)', () => {
    const tolerance = fc.double({ min: 1e-30, max: 1, noNaN: true });
    const ratio = fc.double({ min: 0.98, max: 1.02, noNaN: true });
    fc.assert(
      fc.property(tolerance, ratio, (t, r) => {
        const d = Math.fround(t * r);
        expect(d <= bf16Threshold(t)).toBe(roundToBf16(d) <= roundToBf16(t));
      }),
      { numRuns: 2000 },
    );
  });
});
