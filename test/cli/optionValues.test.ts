import { InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import { count, layerRanges, list, memorySize, oneOf, tolerances } from '../../src-main/cli/optionValues.ts';

describe('option values', () => {
  it('reads sizes', () => {
    expect(memorySize('8GiB')).toBe(8 * 2 ** 30);
    expect(memorySize('512 mb')).toBe(512e6);
  });

  it('reads layer ranges, both ends included, and adds repeated options', () => {
    expect(layerRanges('0-3, 10')).toEqual([
      [0, 3],
      [10, 10],
    ]);
    expect(layerRanges('5', [[0, 3]])).toEqual([
      [0, 3],
      [5, 5],
    ]);
  });

  it('reads lists, counts, tolerances and words', () => {
    expect(list('q_proj, v_proj', ['k_proj'])).toEqual(['k_proj', 'q_proj', 'v_proj']);
    expect(count(4096)('128')).toBe(128);
    expect(tolerances('1e-5,1e-8,1e-5')).toEqual([1e-8, 1e-5]);
    expect(oneOf(['layer', 'module'] as const)('module')).toBe('module');
  });

  it.each([
    [() => memorySize('lots')],
    [() => memorySize('0')],
    [() => layerRanges('3-1')],
    [() => layerRanges('a')],
    [() => layerRanges('')],
    [() => layerRanges('-1')],
    [() => list('a,,b')],
    [() => count(16)('0')],
    [() => count(16)('17')],
    [() => count(16)('1.5')],
    [() => tolerances('0')],
    [() => tolerances('')],
    [() => tolerances('1,2,3,4,5,6,7,8,9')],
    [() => tolerances('NaN')],
    [() => oneOf(['layer'])('model')],
  ])('refuses %s', (read) => {
    expect(read).toThrow(InvalidArgumentError);
  });
});
