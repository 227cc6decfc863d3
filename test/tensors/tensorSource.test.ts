import { describe, expect, it } from 'vitest';
import type { TensorInfo } from '../../src-main/contract/checkpoint.ts';
import { sourceFiles, tensorSource } from '../../src-main/tensors/tensorSource.ts';

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
    expect(() => tensorSource(tensor([2, 2], 'F8_E8M0'))).toThrow(
      expect.objectContaining({
        code: 'invalid-argument',
        where: 'w',
        message: expect.stringContaining('F8_E8M0') as string,
      }),
    );
  });
});

const stored = (name: string, shape: number[], dtype = 'BF16'): TensorInfo => ({
  name,
  dtype,
  shape,
  file: `/${name}.safetensors`,
  offset: 8,
  bytes: 0,
});

const scaled = (of: TensorInfo): TensorInfo => ({
  ...of,
  dtype: 'FP8 x scale',
  derived: { kind: 'scaled', of, scale: stored('scale', [1, 2], 'F32'), block: [128, 128] },
});

describe('a derived tensor as a matrix', () => {
  const base = scaled(stored('w', [128, 256], 'F8_E4M3'));
  const adapted: TensorInfo = {
    ...base,
    derived: {
      kind: 'low-rank',
      base,
      up: stored('b', [128, 4]),
      down: stored('a', [4, 256]),
      factor: 2,
      transposed: false,
    },
  };

  it('is made of its parts as matrices, each in its own shape', () => {
    expect(tensorSource(adapted)).toEqual({
      name: 'w',
      rows: 128,
      cols: 256,
      derived: {
        kind: 'low-rank',
        base: {
          name: 'w',
          rows: 128,
          cols: 256,
          derived: {
            kind: 'scaled',
            of: { name: 'w', path: '/w.safetensors', offset: 8, dtype: 'F8_E4M3', rows: 128, cols: 256 },
            scale: { name: 'scale', path: '/scale.safetensors', offset: 8, dtype: 'F32', rows: 1, cols: 2 },
            block: [128, 128],
          },
        },
        up: { name: 'b', path: '/b.safetensors', offset: 8, dtype: 'BF16', rows: 128, cols: 4 },
        down: { name: 'a', path: '/a.safetensors', offset: 8, dtype: 'BF16', rows: 4, cols: 256 },
        factor: 2,
        transposed: false,
      },
    });
  });

  it('names every file behind it once', () => {
    const { derived } = adapted;
    if (derived?.kind !== 'low-rank') throw new Error('not low-rank');
    const shared = { ...adapted, derived: { ...derived, up: { ...derived.up, file: '/a.safetensors' } } };
    expect(sourceFiles(tensorSource(shared))).toEqual([
      '/w.safetensors',
      '/scale.safetensors',
      '/a.safetensors',
    ]);
    expect(sourceFiles(tensorSource(stored('x', [1])))).toEqual(['/x.safetensors']);
  });

  it('takes a slice as it was asked for', () => {
    const of = stored('experts', [8, 4, 6]);
    const rows = { sizes: [4], strides: [6] };
    const cols = { sizes: [6], strides: [1] };
    const slice: TensorInfo = {
      ...of,
      shape: [4, 6],
      derived: { kind: 'strided', of, start: 48, rows, cols },
    };
    expect(tensorSource(slice)).toMatchObject({
      rows: 4,
      cols: 6,
      derived: { kind: 'strided', of: { rows: 8, cols: 24 }, start: 48, rows, cols },
    });
  });

  it('is refused with a part that is opaque or of a type without values, and when it is nested too deep', () => {
    const refusal = { code: 'invalid-argument' };
    const opaque = { ...stored('w', [2, 2]), opaque: 'stored column by column' };
    expect(() => tensorSource(scaled(opaque))).toThrow(
      expect.objectContaining({
        ...refusal,
        message: expect.stringContaining('stored column by column') as string,
      }),
    );
    expect(() => tensorSource({ ...adapted, opaque: 'of an unknown kind' })).toThrow(
      expect.objectContaining({ ...refusal, where: 'w' }),
    );
    expect(() => tensorSource(scaled(stored('w', [2, 2], 'I32')))).toThrow(expect.objectContaining(refusal));
    let deep = stored('w', [2, 2]);
    for (let i = 0; i < 8; ++i) deep = scaled(deep);
    expect(sourceFiles(tensorSource(deep))).toHaveLength(2);
    expect(() => tensorSource(scaled(deep))).toThrow(expect.objectContaining(refusal));
  });
});
