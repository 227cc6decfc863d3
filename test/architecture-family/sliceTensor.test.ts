import { describe, expect, it } from 'vitest';
import { sliceRows, sliceTensor, transposed } from '../../src-main/architecture/sliceTensor.ts';
import type { TensorInfo } from '../../src-main/contract/checkpoint.ts';
import { elementSources } from '../fixtures/elementSources.ts';

const stored = (name: string, shape: number[], offset: number, dtype = 'F32'): TensorInfo => {
  const bytes = shape.reduce((product, size) => product * size, dtype === 'F32' ? 4 : 2);
  return { name, dtype, shape, file: '/f', offset, bytes };
};

const base = stored('base', [6, 4], 0);
const sources = (info: TensorInfo): number[] =>
  elementSources(info, [base]).map((source) => Number(source.split('#')[1]));

describe('sliceTensor', () => {
  it('joins the digits of an axis, so that what is contiguous is stored', () => {
    const rows = { sizes: [1, 2, 1, 2], strides: [99, 8, 7, 4] };
    const cols = { sizes: [2, 2], strides: [2, 1] };
    const part = sliceTensor(base, 'part', { shape: [4, 4], start: 4, rows, cols });
    expect(part).toEqual({ ...base, name: 'part', shape: [4, 4], offset: 16, bytes: 64 });
  });

  it('keeps gaps as strides', () => {
    const rows = { sizes: [3, 1], strides: [8, 4] };
    const cols = { sizes: [2], strides: [2] };
    const part = sliceTensor(base, 'part', { shape: [3, 2], start: 1, rows, cols });
    expect(part.derived).toMatchObject({
      kind: 'strided',
      start: 1,
      rows: { sizes: [3], strides: [8] },
      cols,
    });
    expect(sources(part)).toEqual([1, 3, 9, 11, 17, 19]);
  });

  it('cuts whole rows of block types by their bytes, and anything smaller not at all', () => {
    const blocks = { ...stored('q', [4, 32], 100), dtype: 'Q8_0', bytes: 4 * 34 };
    expect(sliceRows(blocks, 'rows', 1, 2)).toMatchObject({ offset: 134, bytes: 68, shape: [2, 32] });
    const cols = { sizes: [16], strides: [1] };
    const part = sliceTensor(blocks, 'half', {
      shape: [1, 16],
      start: 16,
      rows: { sizes: [1], strides: [0] },
      cols,
    });
    expect(part.derived?.kind).toBe('strided');
  });

  it('cuts rows of a low-rank update into rows of its parts', () => {
    const [up, down] = [stored('up', [6, 2], 96), stored('down', [2, 4], 144)];
    const derived = { kind: 'low-rank', base, up, down, factor: 2, transposed: false } as const;
    const sum: TensorInfo = { ...base, name: 'sum', dtype: 'F32 + LoRA', bytes: 96 + 48 + 32, derived };
    const part = sliceRows(sum, 'part', 2, 3);
    expect(part).toMatchObject({
      name: 'part',
      dtype: 'F32 + LoRA',
      shape: [3, 4],
      offset: 32,
      bytes: 48 + 24 + 32,
      derived: {
        kind: 'low-rank',
        base: { shape: [3, 4], offset: 32, bytes: 48 },
        up: { shape: [3, 2], offset: 96 + 16, bytes: 24 },
        down,
        factor: 2,
      },
    });
    const turned = { ...sum, derived: { ...derived, transposed: true } };
    expect(sliceRows(turned, 'part', 2, 3).derived).toMatchObject({ kind: 'strided', of: turned, start: 8 });
  });

  it('cuts rows of a scaled tensor where blocks end, or inside one', () => {
    const scale = stored('scale', [3, 1], 96);
    const derived = { kind: 'scaled', of: base, scale, block: [2, 4] as [number, number] } as const;
    const whole: TensorInfo = { ...base, dtype: 'F32 scaled', bytes: 96 + 12, derived };
    expect(sliceRows(whole, 'part', 2, 4)).toMatchObject({
      shape: [4, 4],
      bytes: 64 + 8,
      derived: { kind: 'scaled', of: { offset: 32 }, scale: { shape: [2, 1], offset: 100, bytes: 8 } },
    });
    expect(sliceRows(whole, 'part', 3, 1).derived).toMatchObject({
      kind: 'scaled',
      of: { offset: 48, shape: [1, 4] },
      scale: { shape: [1, 1], offset: 100 },
    });
    expect(sliceRows(whole, 'part', 2, 3).derived).toMatchObject({ kind: 'strided', of: whole });
    expect(sliceRows(whole, 'part', 1, 2).derived).toMatchObject({ kind: 'strided', of: whole });
    expect(sliceRows(whole, 'all', 0, 6)).toEqual({ ...whole, name: 'all' });
  });
});

describe('transposed', () => {
  it('turns a stored matrix, and a strided one by its axes', () => {
    const once = transposed(base);
    expect(once.shape).toEqual([4, 6]);
    expect(sources(once)).toEqual(Array.from({ length: 24 }, (_, n) => (n % 6) * 4 + Math.floor(n / 6)));
    const twice = transposed(once);
    expect(twice.shape).toEqual([6, 4]);
    expect(sources(twice)).toEqual(Array.from({ length: 24 }, (_, n) => n));
    expect(twice.derived).toMatchObject({ kind: 'strided', of: base });
  });
});
