import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readPytorchHeader } from '../../../src-main/checkpoint/pytorch/readPytorchHeader.ts';
import { TensorInfo } from '../../../src-main/contract/checkpoint.ts';
import { caught } from '../../fixtures/caught.ts';

interface Expected {
  readonly tensors: readonly {
    readonly name: string;
    readonly dtype: string;
    readonly shape: readonly number[];
    readonly sha256: string | null;
    readonly opaque: string | null;
  }[];
  readonly code?: string;
  readonly says?: string;
}

const FOLDER = join(import.meta.dirname, '../../fixtures/pytorch');
const LARGEST = 40_000;

const saved = ['torch-1.13', 'torch-2.13'].flatMap((version) => {
  const [, ...lines] = readFileSync(join(FOLDER, version, 'expected.jsonl'), 'utf8')
    .trimEnd()
    .split('\n');
  return lines.map((line) => {
    const { file, ...expected } = JSON.parse(line) as Expected & { file: string };
    return { file: join(version, file), expected };
  });
});
const sound = saved.filter(({ expected }) => expected.code === undefined);
const refusedFiles = saved.filter(({ expected }) => expected.code !== undefined);

const read = (file: string): ReturnType<typeof readPytorchHeader> => readPytorchHeader(join(FOLDER, file));

/** Reads what the header says lies there. */
function sha256(info: TensorInfo): string {
  const bytes = readFileSync(info.file).subarray(info.offset, info.offset + info.bytes);
  return createHash('sha256').update(bytes).digest('hex').slice(0, 16);
}

describe('what PyTorch saved', () => {
  it('is all listed, and small', () => {
    const files = ['torch-1.13', 'torch-2.13'].flatMap((version) =>
      readdirSync(join(FOLDER, version)).map((file) => join(version, file)),
    );
    expect(files.filter((file) => file.endsWith('.pt')).sort()).toEqual(saved.map(({ file }) => file).sort());
    for (const file of files) expect(statSync(join(FOLDER, file)).size).toBeLessThan(LARGEST);
  });

  it.each(sound)('$file: names, types, shapes and bytes are those of PyTorch', ({ file, expected }) => {
    const header = read(file);
    expect(header.size).toBe(statSync(header.file).size);
    const found = header.tensors.map((info) => ({
      name: info.name,
      dtype: info.dtype,
      shape: info.shape,
      sha256: info.opaque === undefined ? sha256(info) : null,
      opaque: info.opaque ?? null,
    }));
    expect(found).toEqual(expected.tensors);
    for (const info of header.tensors) {
      expect(TensorInfo.parse(info)).toEqual(info);
      expect(info.offset + info.bytes).toBeLessThanOrEqual(header.size);
    }
  });

  it.each(refusedFiles)('$file ends in $expected.code', ({ file, expected }) => {
    const error = caught(() => read(file));
    expect(error.code).toBe(expected.code);
    expect(error.message).toContain(expected.says);
  });
});

describe.each(['torch-1.13', 'torch-2.13'])('%s', (version) => {
  it.each(['tied.pt', 'tied-legacy.pt'])('%s: tied tensors lie on the same bytes', (file) => {
    const [embed, other, head] = read(join(version, file)).tensors;
    expect(head?.offset).toBe(embed?.offset);
    expect(other?.offset).not.toBe(embed?.offset);
  });

  it.each(['trainer.pt', 'trainer-legacy.pt', 'trainer-protocol-4.pt'])(
    '%s: says what was left aside',
    (file) => {
      expect(read(join(version, file)).warnings).toEqual([
        'the weights are those of its member "state_dict"',
        'left aside beside the weights: "mask" (1 tensors), "optimizer" (18 tensors)',
      ]);
    },
  );

  it('explains nested dictionaries', () => {
    const joined = 'names inside nested dictionaries were joined with dots';
    const note = '1 value that is no tensor was left aside: "layers.note"';
    expect(read(join(version, 'nested.pt')).warnings).toEqual([
      'the weights are those of its member "model"',
      joined,
      note,
    ]);
    expect(read(join(version, 'nested-unnamed.pt')).warnings).toEqual([joined, note]);
  });

  it('has nothing to say about a plain state dictionary', () => {
    expect(read(join(version, 'state-dict.pt')).warnings).toEqual([]);
    expect(read(join(version, 'state-dict-legacy.pt')).warnings).toEqual([]);
  });

  it('gives an opaque tensor the smallest range that holds its elements', () => {
    const byName = new Map(read(join(version, 'views.pt')).tensors.map((info) => [info.name, info]));
    const whole = byName.get('whole');
    expect(byName.get('columns')).toMatchObject({ offset: whole!.offset + 8, bytes: 35 * 4 });
    expect(byName.get('transposed')).toMatchObject({ offset: whole!.offset, bytes: whole!.bytes });
    expect(byName.get('expanded')).toMatchObject({ bytes: 8 });
  });
});
