import { describe, expect, it } from 'vitest';
import { normMatchedInfo } from '../../src-main/contract/normMatched.ts';
import { overviewLines, shareName, type OverviewInput } from '../../src-main/figures/overview.ts';
import { stripPosition, stripScale } from '../../src-main/figures/strip.ts';
import { variantStyles } from '../../src-main/figures/variantStyle.ts';
import { measure, row } from './rows.ts';

const styles = variantStyles([
  { label: 'sft', role: 'sft' },
  { label: 'rl', role: 'rl' },
]);
const overall = (replaced: Parameters<typeof row>[0]) =>
  row({ level: 'overall', tensor: null, layer: null, module: null, ...replaced });

const reference = {
  measure: 'update.norm',
  role: 'rl' as const,
  low: 5,
  high: 9,
  text: '5–9',
  what: 'two models',
  citation: { arxiv: '2511.08567', where: 'Table 1' },
  claim: 'a-claim',
  mismatch: null,
};
const lines = (replaced: Partial<OverviewInput>) =>
  overviewLines({ measures: [measure()], rows: [], styles, references: [], isWhole: true, ...replaced });

describe('overviewLines', () => {
  it('puts variants in columns, a missing value as null, and leaves out measures without rows', () => {
    const sft = overall({ value: 2 });
    const found = lines({ measures: [measure(), measure({ id: 'update.other' })], rows: [sft, row()] });
    expect(found.map(({ measure: { id }, cells }) => [id, cells])).toEqual([['update.norm', [sft, null]]]);
  });

  it('leaves measures of pairs and of sets to their own page', () => {
    const pair = overall({ measure: 'update.cosine', parameters: { with: 'rl' }, value: 0.5 });
    const measures = [measure({ id: 'update.cosine', arity: 'pair-of-variants' })];
    expect(lines({ measures, rows: [pair] })).toEqual([]);
  });

  it('has what is published for its measure on its scale, where the definitions are the same', () => {
    const rows = [overall({ value: 2 })];
    const [drawn] = lines({ rows, references: [reference, { ...reference, measure: 'other' }] });
    expect(drawn).toMatchObject({ references: [reference], scale: { max: 9 } });
    const [told] = lines({ rows, references: [{ ...reference, mismatch: 'another norm' }] });
    expect(told).toMatchObject({ references: [{ mismatch: 'another norm' }], scale: { max: 2 } });
    // A role that no variant on screen has does not stretch the scale.
    expect(lines({ rows, references: [{ ...reference, role: 'other' }] })[0]?.scale?.max).toBe(2);
  });

  it('holds no published number against a part of the model or a value per unit of norm', () => {
    const rows = [overall({ value: 2 })];
    const [part] = lines({ rows, references: [reference], isWhole: false });
    expect(part).toMatchObject({
      scale: { max: 2 },
      references: [{ mismatch: expect.stringMatching(/whole models/) as string }],
    });
    const [per] = lines({ measures: [normMatchedInfo(measure())], rows, references: [reference] });
    expect(per).toMatchObject({
      isPerNorm: true,
      scale: { max: 2 },
      references: [{ mismatch: expect.stringMatching(/per unit/) as string }],
    });
    expect(lines({ rows })[0]?.isPerNorm).toBe(false);
  });
});

describe('strips', () => {
  it.each([
    ['a share from 0 to 1', 'share', [0.3, 0.9], { min: 0, max: 1, log: false }],
    ['tiny shares by logarithm', 'share', [1e-5, 0.1], { min: 1e-5, max: 0.1, log: true }],
    ['degrees from 0', 'degrees', [3, 31], { min: 0, max: 31, log: false }],
    ['a wide range by logarithm', 'degrees', [0.05, 51], { min: 0.05, max: 51, log: true }],
    ['signed values around 0', 'cosine', [-0.2, 0.6], { min: -0.2, max: 0.6, log: false }],
  ])('shows %s', (_, unit, values, scale) => {
    expect(
      stripScale(
        values.map((value) => row({ value })),
        unit,
      ),
    ).toEqual(scale);
  });

  it('holds baselines and quartiles too, and words do not count', () => {
    const rows = [
      row({ value: 1, baseline: 4, spread: { q1: 0.5, median: 1, q3: 9 } }),
      row({ value: 'Infinity' }),
    ];
    expect(stripScale(rows, 'degrees')).toEqual({ min: 0, max: 9, log: false });
    expect(stripScale([row({ value: 'NaN', baseline: 3 })], 'degrees')).toBeNull();
  });

  it('places values between 0 and 1', () => {
    const scale = { min: 1, max: 100, log: true };
    expect([1, 10, 100, 1000].map((value) => stripPosition(scale, value))).toEqual([0, 0.5, 1, 1]);
  });
});

describe('shareName', () => {
  it('reads a share both ways', () => {
    expect([shareName('changed'), shareName('not compared'), shareName('moved further')]).toEqual([
      'unchanged',
      'compared',
      '',
    ]);
  });
});
