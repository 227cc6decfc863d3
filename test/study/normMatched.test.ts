import { describe, expect, it } from 'vitest';
import { normMatchedInfo } from '../../src-main/contract/normMatched.ts';
import type { Row } from '../../src-main/contract/rows.ts';
import { principalAngles } from '../../src-main/measures/principalAngles.ts';
import { relativeNorm } from '../../src-main/measures/relativeNorm.ts';
import { unchangedBf16 } from '../../src-main/measures/unchangedBf16.ts';
import { updateRank } from '../../src-main/measures/updateRank.ts';
import { normMatchedRows } from '../../src-main/study/normMatched.ts';
import { row } from '../figures/rows.ts';

const [angle] = principalAngles;
const [rank] = updateRank;
const infos = [angle, rank, unchangedBf16, relativeNorm].flatMap((measure) =>
  measure ? [measure.info] : [],
);

const norm = (value: Row['value']): Row => row({ measure: 'update.relative-norm', value });

function matched(measure: string, value: Row['value'], relative: Row['value']): Row | undefined {
  return normMatchedRows([row({ measure, value, unit: 'share' })], infos, [norm(relative)])[0];
}

describe('values per unit of relative update norm', () => {
  it('divides what grows with the norm by the norm in per cent', () => {
    expect(matched('angles.left.median', 3, 0.02)?.value).toBeCloseTo(1.5, 12);
  });

  it('takes the complement of a share that shrinks with the norm', () => {
    expect(matched('update.unchanged.bf16', 0.7, 0.001)?.value).toBeCloseTo(3, 12);
  });

  it('makes two runs equal that differ by a factor of their norms alone', () => {
    const small = matched('angles.left.median', 0.01, 1e-5)?.value;
    const large = matched('angles.left.median', 10, 1e-2)?.value;
    expect(small).toBeCloseTo(large as number, 9);
  });

  it('leaves alone what does not grow with the norm', () => {
    const before = row({ measure: rank?.info.id ?? '', value: 0.99 });
    expect(normMatchedRows([before], infos, [norm(0.01)])).toEqual([before]);
  });

  it.each([0, 'NaN', null] as const)('has no value where the norm is %s', (relative) => {
    const shown = matched('angles.left.median', 3, relative);
    expect(shown?.value).toBeNull();
    expect(shown?.reason).toContain('norm');
  });

  it('names its unit and carries no baseline of the value as it was', () => {
    const shown = matched('angles.left.median', 3, 0.02);
    expect(shown?.unit).toContain('per 1 %');
    expect(shown?.baseline).toBeNull();
    expect(infos.map(normMatchedInfo).map(({ unit }) => unit.includes('per 1 %'))).toEqual([
      true,
      false,
      true,
      false,
    ]);
  });
});
