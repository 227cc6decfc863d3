import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../src-main/checkpoint/openCheckpoint.ts';
import { Checkpoint } from '../../src-main/contract/checkpoint.ts';
import { shardName, writeCheckpoint, writeSafetensors } from '../fixtures/checkpoints.ts';
import { llamaLayout, zeros } from '../fixtures/modelLayouts.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';

const root = tempFolder();
const { config, tensors } = llamaLayout();
const [first, second] = [tensors.slice(0, 7), tensors.slice(7)];
const names = tensors.map(({ name }) => name).sort();
const parameters = tensors.reduce((sum, { data }) => sum + data.length / 2, 0);

function expectWhole(path: string, format: Checkpoint['format']): Checkpoint {
  const opened = openCheckpoint(path);
  expect(Checkpoint.parse(opened)).toEqual(opened);
  expect(opened.format).toBe(format);
  expect(opened.tensors.map(({ name }) => name).sort()).toEqual(names);
  expect(opened.parameters).toBe(parameters);
  expect(opened.bytes).toBe(parameters * 2);
  return opened;
}

describe('openCheckpoint', () => {
  const single = writeCheckpoint(join(root, 'single'), { config, tensors });
  const sharded = writeCheckpoint(join(root, 'sharded'), { config, shards: [first, second] });
  const bare = writeCheckpoint(join(root, 'bare'), { config, shards: [first, second], index: false });

  it('opens a folder with one file', () => {
    const opened = expectWhole(single, 'safetensors');
    expect(opened.title).toBe('single');
    expect(opened.warnings).toEqual([]);
    expect(opened.files).toEqual([join(single, 'model.safetensors')]);
    expect(opened.config).toMatchObject({ modelType: 'llama', layers: 2, headDim: 3, tiedEmbeddings: false });
  });

  it('tells where the bytes of a tensor lie', () => {
    const opened = openCheckpoint(single);
    const last = opened.tensors.at(-1);
    expect(last).toMatchObject({ name: 'model.norm.weight', dtype: 'BF16', shape: [12], bytes: 24 });
    expect((opened.tensors[0]?.offset ?? 0) % 8).toBe(0);
    expect((last?.offset ?? 0) - (opened.tensors[0]?.offset ?? 0)).toBe(opened.bytes - 24);
  });

  it('opens shards by their index', () => {
    const opened = expectWhole(sharded, 'safetensors-sharded');
    expect(opened.files).toEqual([0, 1].map((i) => join(sharded, shardName(i, 2))));
    expect(opened.warnings).toEqual([]);
  });

  it('opens shards without an index, and says so', () => {
    const opened = expectWhole(bare, 'safetensors-sharded');
    expect(opened.warnings).toEqual(['there is no index; the shards were found by their names']);
  });

  it('takes an index or any shard for the whole checkpoint', () => {
    expectWhole(join(sharded, 'model.safetensors.index.json'), 'safetensors-sharded');
    expectWhole(join(sharded, shardName(1, 2)), 'safetensors-sharded');
    expectWhole(join(bare, shardName(1, 2)), 'safetensors-sharded');
  });

  it('opens a file alone, with the config beside it', () => {
    const opened = expectWhole(join(single, 'model.safetensors'), 'safetensors-file');
    expect(opened.title).toBe('single');
    expect(opened.config?.modelType).toBe('llama');
  });

  it('opens the only safetensors file of a folder under any name', () => {
    const folder = writeCheckpoint(join(root, 'odd'), { config });
    writeSafetensors(join(folder, 'consolidated.safetensors'), tensors);
    expectWhole(folder, 'safetensors');
  });

  it('opens an index of another name when it is the only one', () => {
    const folder = writeCheckpoint(join(root, 'other-index'), { config, shards: [first, second] });
    renameSync(join(folder, 'model.safetensors.index.json'), join(folder, 'policy.safetensors.index.json'));
    expectWhole(folder, 'safetensors-sharded');
  });

  it('prefers model.safetensors to what lies beside it, and says so', () => {
    const folder = writeCheckpoint(join(root, 'both'), { config, tensors, shards: [first] });
    writeSafetensors(join(folder, 'optimizer.safetensors'), [zeros('x', [1])]);
    expect(expectWhole(folder, 'safetensors').warnings).toEqual([
      'not part of this checkpoint and left aside: "model-00001-of-00001.safetensors", "optimizer.safetensors"',
    ]);
  });

  it('opens a file without an extension that looks like safetensors', () => {
    const folder = writeCheckpoint(join(root, 'blobs'), { config });
    writeSafetensors(join(folder, 'd34db33f'), tensors);
    expectWhole(join(folder, 'd34db33f'), 'safetensors-file');
  });

  it('opens a snapshot of a Hugging Face cache under its name', () => {
    const repository = join(root, 'models--org--name');
    const snapshot = join(repository, 'snapshots', 'abcdef1234567890');
    for (const folder of [snapshot, join(repository, 'blobs')]) mkdirSync(folder, { recursive: true });
    writeSafetensors(join(repository, 'blobs', '01ab'), tensors);
    symlinkSync('../../blobs/01ab', join(snapshot, 'model.safetensors'));
    const opened = expectWhole(snapshot, 'safetensors');
    expect(opened.title).toBe('org/name@abcdef1');
    expect(opened.files).toEqual([join(snapshot, 'model.safetensors')]);
  });

  it('warns of a missing config and of quantised weights', () => {
    const folder = writeCheckpoint(join(root, 'no-config'), { tensors });
    expect(expectWhole(folder, 'safetensors').warnings.join()).toContain('there is no config.json');
    writeFileSync(join(folder, 'config.json'), '{"quantization_config": {"quant_method": "fp8"}}');
    expect(openCheckpoint(folder).warnings).toEqual(['config.json declares quantised weights (fp8)']);
  });

  it('lists unknown and opaque element types', () => {
    const known = { name: 'fp8', dtype: 'F8_E4M3', shape: [4], data: new Uint8Array(4) };
    const unknown = { name: 'new', dtype: 'F3_NEW', shape: [8], data: new Uint8Array(3) };
    const folder = writeCheckpoint(join(root, 'types'), { config, tensors: [known, unknown] });
    const opened = openCheckpoint(folder);
    expect(opened.tensors.map(({ dtype, bytes }) => [dtype, bytes])).toEqual([
      ['F8_E4M3', 4],
      ['F3_NEW', 3],
    ]);
    expect(opened.parameters).toBe(12);
    expect(opened.warnings).toEqual([
      'element types that cannot be computed with are listed, never compared: "F3_NEW"',
    ]);
  });

  it('opens scalars and tensors without elements', () => {
    const scalar = { name: 'scalar', dtype: 'F32', shape: [], data: [1] };
    const folder = writeCheckpoint(join(root, 'edge'), { config, tensors: [zeros('empty', [0, 5]), scalar] });
    expect(openCheckpoint(folder)).toMatchObject({ parameters: 1, bytes: 4 });
  });

  it('reads the step from the name of the folder', () => {
    const folder = writeCheckpoint(join(root, 'run', 'checkpoint-240'), { config, tensors });
    expect(openCheckpoint(folder)).toMatchObject({ title: 'run/checkpoint-240', step: 240 });
  });
});
