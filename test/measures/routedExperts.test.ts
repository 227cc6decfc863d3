import { describe, expect, it } from 'vitest';
import { routedExperts } from '../../src-main/measures/routedExperts.ts';
import { changedTensorMean } from '../../src-main/measures/changedTensorMean.ts';
import { unchangedBf16 } from '../../src-main/measures/unchangedBf16.ts';
import type { Evidence } from '../../src-main/measures/evidence.ts';
import type { Measure } from '../../src-main/measures/Measure.ts';
import { elementsOf, elementsWhere, evidenceOf, measured, valued } from '../fixtures/evidence.ts';
import { matrix } from '../fixtures/matrix.ts';

const still = evidenceOf({ routed: true, elements: elementsWhere(6, 4, () => false) });
const moved = evidenceOf({ routed: true, elements: elementsWhere(6, 4, (i) => i < 2) });

/** Value over several tensors, those without one left out. */
function over(measure: Measure, all: readonly Evidence[]): number {
  const parts = all.map((evidence) => measure.measure(evidence)).filter((outcome) => 'parts' in outcome);
  return measure.value([0, 1].map((at) => parts.reduce((sum, { parts: own }) => sum + (own[at] ?? NaN), 0)));
}

describe('routed experts', () => {
  const [untouched, unchanged] = routedExperts;

  it('experts that never changed are counted apart', () => {
    if (!untouched || !unchanged) throw new Error('two measures');
    const all = [still, moved, moved];
    expect(over(untouched, all)).toBeCloseTo(1 / 3, 14);
    expect(over(unchanged, all)).toBeCloseTo(4 / 6, 14);
    expect(over(unchangedBf16, all)).toBeCloseTo((1 + 4 / 6 + 4 / 6) / 3, 14);
    expect(measured('update.unchanged.bf16-routed', still)).toContain('experts.untouched');
  });

  it('a change below the resolution of bf16 is a change: its expert was trained', () => {
    const w = matrix(2, 2, () => 1);
    const elements = elementsOf(
      w,
      matrix(2, 2, (i, j) => (i + j === 0 ? 1 + 2 ** -20 : 1)),
    );
    const evidence = evidenceOf({ routed: true, elements, dtypes: { reference: 'F32', variant: 'F32' } });
    expect(valued('experts.untouched', evidence).value).toBe(0);
    expect(valued('update.unchanged.bf16-routed', evidence).value).toBe(1);
  });

  it('apply to routed experts only', () => {
    for (const { applies } of routedExperts) {
      expect(applies?.(moved)).toBe(true);
      expect(applies?.({ ...moved, routed: false })).toBe(false);
    }
  });
});

describe('the layer value of arXiv 2505.11711', () => {
  it('is the mean of changed shares over tensors, whatever their size', () => {
    const norm = evidenceOf({ rows: 1, cols: 4, elements: elementsWhere(1, 4, (_, j) => j === 0) });
    const wide = evidenceOf({ rows: 30, cols: 40, elements: elementsWhere(30, 40, () => true) });
    expect(over(changedTensorMean, [norm, wide])).toBe((0.25 + 1) / 2);
    expect(1 - over(unchangedBf16, [norm, wide])).toBeCloseTo(1201 / 1204, 14);
  });

  it('has no value where no element is finite', () => {
    const elements = { ...elementsWhere(1, 1, () => false), n: 0, invalid: 1, unchangedBf16: 0 };
    expect(measured('update.changed.tensor-mean', evidenceOf({ elements }))).toContain('finite');
  });
});
