import { describe, expect, it } from 'vitest';
import { mergeParameters } from '../../src-main/study/mergeParameters.ts';

describe('parameters of a group of tensors', () => {
  it('are written once where all agree', () => {
    const shared = { k: 8, with: 'other' };
    expect(mergeParameters([shared, shared])).toEqual(shared);
    expect(mergeParameters([{ ...shared }, { ...shared }])).toEqual(shared);
    expect(mergeParameters([])).toEqual({});
  });

  it('numbers that differ are a range, words a list', () => {
    expect(mergeParameters([{ k: 8 }, { k: 32 }, { k: 16 }])).toEqual({ k: '8 to 32' });
    expect(mergeParameters([{ with: 'b' }, { with: 'a' }, { with: 'b' }])).toEqual({ with: 'b, a' });
  });

  it('numbers beside words or nothing are neither NaN nor infinite', () => {
    expect(mergeParameters([{ heads: 4 }, { heads: null }])).toEqual({ heads: '4, none' });
    expect(mergeParameters([{ heads: 4 }, {}, { heads: 'all' }])).toEqual({ heads: '4, all, none' });
    expect(mergeParameters([{ heads: null }, {}])).toEqual({ heads: null });
  });

  it('a long list is cut and counted', () => {
    const many = Array.from({ length: 9 }, (_, i) => ({ with: `run ${String(i)}` }));
    expect(mergeParameters(many)).toEqual({ with: 'run 0, run 1, run 2, run 3 and 5 more' });
  });
});
