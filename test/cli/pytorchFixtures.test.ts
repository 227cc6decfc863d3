import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readPytorchHeader } from '../../src-main/checkpoint/pytorch/readPytorchHeader.ts';
import { DiffDocument } from '../../src-main/cli/documents.ts';
import { writeSafetensors } from '../fixtures/checkpoints.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';
import { runCommand } from './runCommand.ts';

interface Expected {
  readonly file: string;
  readonly tensors: readonly { readonly name: string; readonly opaque: string | null }[];
  readonly code?: string;
}

const FIXTURES = join(import.meta.dirname, '../fixtures/pytorch');
const folder = tempFolder();

const saved = ['torch-1.13', 'torch-2.13'].flatMap((version) => {
  const [, ...lines] = readFileSync(join(FIXTURES, version, 'expected.jsonl'), 'utf8')
    .trimEnd()
    .split('\n');
  return lines
    .map((line) => JSON.parse(line) as Expected)
    .filter(({ code }) => code === undefined)
    .map(({ file, tensors }) => ({ file: join(version, file), tensors }));
});

describe('what PyTorch saved, against the same tensors as safetensors', () => {
  it.each(saved)('$file: diff says same', async ({ file, tensors: expected }) => {
    const { tensors } = readPytorchHeader(join(FIXTURES, file));
    const plain = tensors.filter(({ opaque }) => opaque === undefined);
    const copy = join(folder, file, 'model.safetensors');
    mkdirSync(join(folder, file), { recursive: true });
    writeSafetensors(
      copy,
      plain.map(({ name, dtype, shape, file: path, offset, bytes }) => {
        return { name, dtype, shape, data: readFileSync(path).subarray(offset, offset + bytes) };
      }),
    );
    const { stdout, stderr } = await runCommand(FIXTURES, 'diff', file, copy, '--json');
    expect(stderr).toBe('');
    const found = DiffDocument.parse(JSON.parse(stdout)).tensors;
    expect(
      found
        .filter(({ status }) => status === 'same')
        .map(({ tensor }) => tensor)
        .sort(),
    ).toEqual(
      expected
        .filter(({ opaque }) => opaque === null)
        .map(({ name }) => name)
        .sort(),
    );
    expect(found.filter(({ status }) => status !== 'same' && status !== 'only-in-a')).toEqual([]);
  });
});
