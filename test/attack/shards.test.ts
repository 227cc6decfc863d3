import { renameSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../src-main/checkpoint/openCheckpoint.ts';
import type { ErrorCode, PolarimeterError } from '../../src-main/contract/errors.ts';
import { caught } from '../fixtures/caught.ts';
import { shardName, writeCheckpoint, writeSafetensors } from '../fixtures/checkpoints.ts';
import { zeros } from '../fixtures/modelLayouts.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';

const root = tempFolder();
const INDEX = 'model.safetensors.index.json';
let count = 0;

const [A, B, C] = ['a', 'b', 'c'].map((name) => zeros(name, [2])) as [
  ReturnType<typeof zeros>,
  ...ReturnType<typeof zeros>[],
];
const all = [[A], [B ?? A], [C ?? A]];

/** A sound checkpoint of three shards to be damaged. */
function sharded(index = true): string {
  return writeCheckpoint(join(root, String(count++)), { config: {}, shards: all, index });
}

function refused(folder: string, code: ErrorCode): PolarimeterError {
  const error = caught(() => openCheckpoint(folder));
  expect(error.code).toBe(code);
  return error;
}

function withIndex(content: string): PolarimeterError {
  const folder = sharded();
  writeFileSync(join(folder, INDEX), content);
  const error = refused(folder, 'index-invalid');
  expect(error.where).toBe(join(folder, INDEX));
  expect(error.message).toContain(INDEX);
  return error;
}

describe('a damaged or hostile shard index', () => {
  it.each([
    ['no JSON', '{"weight_map": {', 'the text ends'],
    ['a list', '[]', 'should be "{"'],
    ['no weight_map', '{"metadata": {}}', 'no weight_map with tensors'],
    ['an empty weight_map', '{"weight_map": {}}', 'no weight_map with tensors'],
    ['a weight_map that is text', '{"weight_map": "x"}', 'should be "{"'],
    ['a file that is a number', '{"weight_map": {"a": 1}}', 'should be a string'],
    ['a tensor twice', '{"weight_map": {"a": "x.safetensors", "a": "y.safetensors"}}', '"a" appears twice'],
    [
      'two weight_maps',
      '{"weight_map": {"a": "x.safetensors"}, "weight_map": {}}',
      '"weight_map" appears twice',
    ],
    ['deep nesting', `{"metadata": ${'['.repeat(1000)}`, 'nested deeper than 64'],
  ])('with %s is refused', (_, content, says) => {
    expect(withIndex(content).message).toContain(says);
  });

  it.each([
    '../secret.safetensors',
    '..',
    '/etc/passwd',
    '/etc/model.safetensors',
    'sub/model.safetensors',
    '..\\model.safetensors',
    'C:model.safetensors',
    '.hidden.safetensors',
    'pytorch_model.bin',
    'a\u0000.safetensors',
    'a\n.safetensors',
    '',
  ])('that leads to %j is refused', (shard) => {
    const error = withIndex(JSON.stringify({ weight_map: { a: shard } }));
    expect(error.message).toContain('not the name of a safetensors file in this folder');
    expect(error.message).not.toMatch(/\p{Cc}/u);
  });

  it('cannot reach a file outside, even one that exists', () => {
    const folder = sharded();
    writeSafetensors(join(root, 'outside.safetensors'), [A]);
    writeFileSync(join(folder, INDEX), JSON.stringify({ weight_map: { a: '../outside.safetensors' } }));
    refused(folder, 'index-invalid');
  });

  it('that is not UTF-8 is refused', () => {
    const folder = sharded();
    writeFileSync(join(folder, INDEX), Buffer.from([0x7b, 0xff, 0x7d]));
    expect(refused(folder, 'index-invalid').message).toContain('not UTF-8');
  });

  it('that is a Git LFS pointer says so', () => {
    const folder = sharded();
    writeFileSync(join(folder, INDEX), 'version https://git-lfs.github.com/spec/v1\n');
    refused(folder, 'git-lfs-pointer');
  });

  it('of more than 100 MB is refused unread', () => {
    const folder = sharded();
    truncateSync(join(folder, INDEX), 100_000_001);
    expect(refused(folder, 'index-invalid').message).toContain('at most');
  });
});

describe('a set of shards that does not fit together', () => {
  it.each([true, false])('names the missing shard (index: %s)', (index) => {
    const folder = sharded(index);
    rmSync(join(folder, shardName(1, 3)));
    const error = refused(folder, 'shard-missing');
    expect(error.message).toContain('"model-00002-of-00003.safetensors"');
    expect(error.message).toContain('1 of 3 shards missing: incomplete download');
  });

  it('names a shard whose link leads nowhere', () => {
    const folder = sharded();
    rmSync(join(folder, shardName(2, 3)));
    symlinkSync(join(root, 'no-blob'), join(folder, shardName(2, 3)));
    expect(refused(folder, 'shard-missing').message).toContain('model-00003-of-00003.safetensors');
  });

  it('without an index, names shards that are numbered twice', () => {
    const folder = sharded(false);
    renameSync(join(folder, shardName(2, 3)), join(folder, 'model_00002-of-00003.safetensors'));
    expect(refused(folder, 'shard-missing').message).toContain('model-00003-of-00003.safetensors');
    writeSafetensors(join(folder, shardName(2, 3)), [C ?? A]);
    expect(refused(folder, 'shard-missing').message).toContain('are not numbered 1 to 3');
  });

  it('names a shard that claims a hundred thousand others, without counting forever', () => {
    const folder = writeCheckpoint(join(root, String(count++)), { config: {} });
    writeSafetensors(join(folder, 'model-00001-of-999999.safetensors'), [A]);
    refused(folder, 'shard-missing');
  });

  it('refuses a tensor that its shard lacks', () => {
    const folder = sharded();
    const weight_map = { a: shardName(0, 3), b: shardName(1, 3), c: shardName(2, 3), d: shardName(1, 3) };
    writeFileSync(join(folder, INDEX), JSON.stringify({ weight_map }));
    const { message } = refused(folder, 'shard-mismatch');
    expect(message).toContain(INDEX);
    expect(message).toContain('"d" in "model-00002-of-00003.safetensors", which does not hold it');
  });

  it('refuses a tensor that the index places in another shard', () => {
    const folder = sharded();
    const weight_map = { a: shardName(1, 3), b: shardName(0, 3), c: shardName(2, 3) };
    writeFileSync(join(folder, INDEX), JSON.stringify({ weight_map }));
    refused(folder, 'shard-mismatch');
  });

  it('refuses a tensor that the index does not list', () => {
    const folder = sharded();
    writeSafetensors(join(folder, shardName(0, 3)), [A, zeros('extra', [1])]);
    const { message } = refused(folder, 'shard-mismatch');
    expect(message).toContain(
      'model-00001-of-00003.safetensors: holds tensor "extra", which the index does not list',
    );
  });

  it.each([true, false])('refuses a tensor in two shards (index: %s)', (index) => {
    const folder = sharded(index);
    writeSafetensors(join(folder, shardName(1, 3)), [A, B ?? A]);
    const { message } = refused(folder, 'duplicate-tensor');
    expect(message).toContain('model-00002-of-00003.safetensors: holds tensor "a"');
    expect(message).toContain('model-00001-of-00003.safetensors');
  });

  it('names the truncated shard', () => {
    const folder = sharded();
    truncateSync(join(folder, shardName(1, 3)), statSync(join(folder, shardName(1, 3))).size - 3);
    const error = refused(folder, 'tensor-out-of-bounds');
    expect(error.where).toBe(join(folder, shardName(1, 3)));
    expect(error.message).toMatch(
      /^model-00002-of-00003\.safetensors: .*3 bytes missing: incomplete download/,
    );
  });

  it('names the first of several damaged shards', () => {
    const folder = sharded();
    for (const i of [2, 1]) truncateSync(join(folder, shardName(i, 3)), 0);
    expect(refused(folder, 'header-too-short').where).toBe(join(folder, shardName(1, 3)));
  });
});
