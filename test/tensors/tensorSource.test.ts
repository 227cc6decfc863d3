import { describe, expect, it } from 'vitest';
import { tensorSource } from '../../src-main/tensors/tensorSource.ts';

const tensor = (shape: number[], dtype = 'BF16') => ({
  name: 'w',
  dtype,
  shape,
  file: '/m.safetensors',
  offset: 64,
  bytes: 0,
});

describe('a tensor as a matrix', () => {
  it.each([
    [[], 1, 1],
    [[7], 1, 7],
    [[0], 1, 0],
    [[3, 5], 3, 5],
    [[2, 3, 4], 2, 12],
    [[2, 3, 4, 5], 2, 60],
    [[0, 3, 4], 0, 12],
  ])('%j is %i x %i', (shape, rows, cols) => {
    expect(tensorSource(tensor(shape))).toEqual({
      name: 'w',
      path: '/m.safetensors',
      offset: 64,
      dtype: 'BF16',
      rows,
      cols,
    });
  });

  it('refuses what cannot be computed with', () => {
    expect(() => tensorSource(tensor([2, 2], 'F8_E4M3'))).toThrow(
      expect.objectContaining({
        code: 'invalid-argument',
        where: 'w',
        message: expect.stringContaining('F8_E4M3') as string,
      }),
    );
  });
});
