import { describe, expect, it } from 'vitest';
import { changedHeads, mostChanged, stripeSummary } from '../../src-main/figures/stripeSummary.ts';

const matrix = { rows: 4, columns: 10, headSize: 2, headAxis: 'rows' } as const;
const counts = { rows: [1, 10, 0, 3], columns: [4, 2, 2, 1, 1, 1, 1, 1, 1, 0] };

describe('stripeSummary', () => {
  it('orders rows and columns by what changed, the first of equals first', () => {
    expect(mostChanged(matrix, counts, 'rows', 2)).toEqual([
      { index: 1, changed: 10, share: 1 },
      { index: 3, changed: 3, share: 0.3 },
    ]);
    expect(mostChanged(matrix, counts, 'columns', 3).map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(mostChanged(matrix, { rows: null, columns: null }, 'rows', 3)).toEqual([]);
  });

  it('adds up heads along their own axis', () => {
    expect(changedHeads(matrix, counts)).toEqual([
      { index: 0, changed: 11, share: 11 / 20 },
      { index: 1, changed: 3, share: 3 / 20 },
    ]);
    expect(
      changedHeads({ ...matrix, headSize: 5, headAxis: 'columns' }, counts).map((head) => head.share),
    ).toEqual([10 / 20, 4 / 20]);
    expect(changedHeads({ ...matrix, headSize: null, headAxis: null }, counts)).toEqual([]);
  });

  it('says it in sentences with units', () => {
    expect(stripeSummary(matrix, counts)).toEqual([
      '4 rows by 10 columns; 14 weights changed in bfloat16 (35.0 %).',
      'Most changed row: 1 (100 %); median row 30.0 %; 1 of 4 rows without a change.',
      'Most changed column: 0 (100 %); median column 25.0 %; 1 of 10 columns without a change.',
      'Most changed head: 0 (55.0 %); least: 1 (15.0 %), of 2.',
    ]);
  });

  it('says that nothing is computed yet', () => {
    expect(stripeSummary(matrix, { rows: null, columns: null })).toEqual([
      '4 rows by 10 columns; the profiles are not computed yet: run the study.',
    ]);
  });
});
