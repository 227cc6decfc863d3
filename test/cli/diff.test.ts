import { cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { DiffDocument, ErrorDocument } from '../../src-main/cli/documents.ts';
import type { TensorSource } from '../fixtures/checkpoints.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';
import { type Outcome, runCommand } from './runCommand.ts';
import { tinyModel } from './tinyModels.ts';

const folder = tempFolder();
const run = (...argv: string[]): Promise<Outcome> => runCommand(folder, 'diff', ...argv);
const documentOf = async (...argv: string[]): Promise<DiffDocument> =>
  DiffDocument.parse(JSON.parse((await run(...argv, '--json')).stdout));

const norm = (data: number[], dtype = 'BF16'): Record<string, TensorSource> => ({
  'model.norm.weight': { name: 'model.norm.weight', dtype, shape: [data.length], data },
});
const ids = (data: number[]): Record<string, TensorSource> => ({
  'model.ids': { name: 'model.ids', dtype: 'I64', shape: [data.length], data },
});
const ONES = Array.from({ length: 16 }, () => 1);

beforeAll(() => {
  tinyModel(folder, 'a');
  cpSync(join(folder, 'a'), join(folder, 'copy'), { recursive: true });
  tinyModel(folder, 'b', { change: 0.1 });
  tinyModel(folder, 'one', { tensors: norm(ONES) });
  tinyModel(folder, 'one-changed', { tensors: norm([...ONES.slice(1), 1.5]) });
  tinyModel(folder, 'one-f32', { tensors: norm(ONES, 'F32') });
  tinyModel(folder, 'nan', { tensors: norm([...ONES.slice(1), Number.NaN]) });
  tinyModel(folder, 'nan-2', { tensors: norm([...ONES.slice(1), Number.NaN]) });
  tinyModel(folder, 'nan-moved', { tensors: norm([Number.NaN, ...ONES.slice(1)]) });
  tinyModel(folder, 'short', { tensors: norm([1, 1]) });
  tinyModel(folder, 'less', { tensors: { 'model.norm.weight': null } });
  tinyModel(folder, 'ids', { tensors: ids([1, 2, 3]) });
  tinyModel(folder, 'ids-2', { tensors: ids([1, 2, 3]) });
  tinyModel(folder, 'ids-other', { tensors: ids([1, 2, 4]) });
});

describe('diff', () => {
  it('ends with 0 and a table when all values are equal', async () => {
    const { code, stdout, stderr } = await run('a', 'copy');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/\nall +8 +0 +100 % +100 % +0 +0\n/);
    expect(stdout.endsWith('\nSame: all values of 8 tensors are equal.\n')).toBe(true);
  });

  it('ends with 1 when one value differs, and says where', async () => {
    const { code, stdout } = await run('one', 'one-changed');
    expect(code).toBe(1);
    expect(stdout).toMatch(/\nnorm +1 +1 +93\.8 % +93\.8 % +0 +0\.500\n/);
    expect(stdout).toContain('\nDifferent: 1 of 8 tensors.\n');
    const quiet = await run('-q', 'one', 'one-changed');
    expect([quiet.code, quiet.stdout]).toEqual([1, 'model.norm.weight\n']);
    const { same, tensors } = await documentOf('one', 'one-changed');
    expect(same).toBe(false);
    expect(tensors.filter(({ status }) => status === 'different')).toMatchObject([
      { tensor: 'model.norm.weight', elements: 16, equalStored: 15, equalBf16: 15, maxAbsDifference: 0.5 },
    ]);
  });

  it('takes equal values in another type for equal, and says so', async () => {
    const { code, stdout } = await run('one', 'one-f32');
    expect(code).toBe(0);
    expect(stdout).toContain('though some are stored in another type');
  });

  it.each([
    ['nan', 'nan-2', 0, 'same'],
    ['nan', 'nan-moved', 1, 'different'],
    ['nan', 'one', 1, 'different'],
  ])('judges NaN by their bytes: %s %s', async (a, b, code, status) => {
    expect((await run(a, b)).code).toBe(code);
    const { tensors } = await documentOf(a, b);
    const found = tensors.find(({ tensor }) => tensor === 'model.norm.weight');
    expect(found).toMatchObject({ status, invalid: expect.any(Number) as number });
    expect(found?.detail).toMatch(/NaN or infinite/);
  });

  it.each([
    ['ids', 'ids-2', 0],
    ['ids', 'ids-other', 1],
  ])('compares types that it cannot compute with byte by byte: %s %s', async (a, b, code) => {
    expect((await run(a, b)).code).toBe(code);
  });

  it('counts missing tensors and other shapes as differences', async () => {
    const shape = await run('a', 'short');
    expect([shape.code, shape.stdout]).toEqual([
      1,
      expect.stringContaining('shape-differs: model.norm.weight ([16] and [2])'),
    ]);
    expect((await run('a', 'less')).stdout).toContain('\nonly-in-a: model.norm.weight\n');
    expect((await run('less', 'a')).stdout).toContain('\nonly-in-b: model.norm.weight\n');
  });

  it('takes vocabularies of two sizes for different, though their common rows are the same', async () => {
    const embedding = (rows: number): Record<string, TensorSource> => {
      const name = 'model.embed_tokens.weight';
      const data = Array.from({ length: rows * 16 }, (_, i) => i % 128);
      return { [name]: { name, dtype: 'BF16', shape: [rows, 16], data } };
    };
    tinyModel(folder, 'few', { tensors: embedding(20) });
    tinyModel(folder, 'many', { tensors: embedding(24) });
    const { code, stdout } = await run('few', 'many');
    expect(code).toBe(1);
    expect(stdout).toContain('shape-differs: model.embed_tokens.weight (compared on the first 20 rows');
  });

  it('ends with 3 when nothing can be compared, and with 2 when a path is wrong', async () => {
    const other: TensorSource = { name: 'other.weight', dtype: 'BF16', shape: [2, 2], data: [1, 2, 3, 4] };
    const { tensors } = await documentOf('a', 'copy');
    const none = Object.fromEntries(tensors.map(({ tensor }) => [tensor, null]));
    tinyModel(folder, 'stranger', { tensors: { ...none, 'other.weight': other } });
    const stranger = await run('a', 'stranger', '--json');
    expect(stranger.code).toBe(3);
    expect(ErrorDocument.parse(JSON.parse(stranger.stdout)).error.code).toBe('not-comparable');
    expect((await run('a', 'nowhere')).code).toBe(2);
  });

  it('writes nothing', async () => {
    const before = readdirSync(folder);
    await run('a', 'b');
    expect(readdirSync(folder)).toEqual(before);
  });
});
