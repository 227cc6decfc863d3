import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { discoverCheckpoints } from '../../src-main/checkpoint/discoverCheckpoints.ts';
import { writeCheckpoint, writeSafetensors } from '../fixtures/checkpoints.ts';
import { zeros } from '../fixtures/modelLayouts.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';

const root = tempFolder();
const tensors = [zeros('a', [2])];
const make = (...path: string[]): string => writeCheckpoint(join(root, ...path), { tensors });
const titles = (...roots: string[]): string[] => discoverCheckpoints(roots).found.map(({ title }) => title);

describe('discoverCheckpoints', () => {
  it('finds a trajectory in the order of its steps, and the folder that holds it', () => {
    for (const step of [40, 5, 240]) make('runs', 'sft', `checkpoint-${String(step)}`);
    make('runs', 'sft');
    const { found, rejected } = discoverCheckpoints([join(root, 'runs')]);
    expect(found.map(({ step }) => step)).toEqual([null, 5, 40, 240]);
    expect(found[1]).toEqual({
      path: join(root, 'runs', 'sft', 'checkpoint-5'),
      title: 'sft/checkpoint-5',
      format: 'safetensors',
      step: 5,
      parameters: 2,
      bytes: 4,
    });
    expect(rejected).toEqual([]);
  });

  it('reads a Hugging Face cache and passes over its innards', () => {
    const repository = join(root, 'hub', 'models--org--name');
    const snapshot = join(repository, 'snapshots', 'abcdef1234');
    for (const folder of ['blobs', 'refs', '.no_exist/abcdef1234'])
      mkdirSync(join(repository, folder), { recursive: true });
    mkdirSync(snapshot, { recursive: true });
    writeSafetensors(join(repository, 'blobs', 'x.safetensors'), tensors);
    symlinkSync('../../blobs/x.safetensors', join(snapshot, 'model.safetensors'));
    expect(titles(join(root, 'hub'))).toEqual(['org/name@abcdef1']);
  });

  it('searches several roots and counts a checkpoint once', () => {
    make('one', 'x');
    make('two', 'y');
    expect(titles(join(root, 'two'), join(root, 'one'), join(root, 'one', 'x'))).toEqual(['x', 'y']);
  });

  it('passes over hidden folders and folders that lie too deep', () => {
    make('deep', '.hidden');
    make('deep', ...Array.from({ length: 8 }, () => 'x'));
    make('deep', ...Array.from({ length: 9 }, () => 'y'));
    const { found } = discoverCheckpoints([join(root, 'deep')]);
    expect(found.map(({ path }) => path)).toEqual([
      join(root, 'deep', ...Array.from({ length: 8 }, () => 'x')),
    ]);
  });

  it('follows a link to a folder elsewhere', () => {
    make('elsewhere', 'model');
    mkdirSync(join(root, 'links'));
    symlinkSync(join(root, 'elsewhere', 'model'), join(root, 'links', 'mine'));
    expect(titles(join(root, 'links'))).toEqual(['mine']);
  });

  it('gives a reason only for folders that look like a model', () => {
    mkdirSync(join(root, 'mixed', 'logs'), { recursive: true });
    mkdirSync(join(root, 'mixed', 'old'));
    writeFileSync(join(root, 'mixed', 'logs', 'train.log'), '');
    writeFileSync(join(root, 'mixed', 'old', 'pytorch_model.bin'), '');
    const { found, rejected } = discoverCheckpoints([join(root, 'mixed')]);
    expect(found).toEqual([]);
    expect(rejected.map(({ path, error }) => [path, error.code])).toEqual([
      [join(root, 'mixed', 'old'), 'archive-damaged'],
    ]);
  });

  it('names a root that does not exist and searches the others', () => {
    make('there', 'z');
    const { found, rejected } = discoverCheckpoints([join(root, 'nowhere'), join(root, 'there')]);
    expect(found).toHaveLength(1);
    expect(rejected[0]?.error.code).toBe('path-not-found');
  });
});
