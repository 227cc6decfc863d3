import { linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { discoverCheckpoints } from '../../src-main/checkpoint/discoverCheckpoints.ts';
import { loraPair, writeAdapter } from '../fixtures/adapters.ts';
import { writeCheckpoint, writeSafetensors } from '../fixtures/checkpoints.ts';
import { zeros } from '../fixtures/modelLayouts.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';

const root = tempFolder();
const tensors = [zeros('a', [2])];
let count = 0;
const next = (): string => join(root, String(count++));

/** Files by their paths from a new folder; returns the folder. */
function tree(files: Readonly<Record<string, string>>, folder = next()): string {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
  return folder;
}

function discover(folder: string): { found: string[]; rejected: (readonly [string, string, string])[] } {
  const { found, rejected } = discoverCheckpoints([folder]);
  return {
    found: found.map(({ title }) => title),
    rejected: rejected.map(({ path, error }) => [relative(folder, path), error.code, error.message] as const),
  };
}

const rejects = (folder: string): unknown[] => discover(folder).rejected.map(([path, code]) => [path, code]);

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('a Hugging Face cache', () => {
  /** A repository whose snapshots hold the blobs that they are given, by links. */
  function repository(hub: string, snapshots: Readonly<Record<string, string>>, link = symlinkSync): string {
    const folder = join(hub, 'models--org--name');
    mkdirSync(join(folder, 'blobs'), { recursive: true });
    for (const [commit, blob] of Object.entries(snapshots)) {
      const path = join(folder, 'blobs', blob);
      writeSafetensors(path, tensors);
      mkdirSync(join(folder, 'snapshots', commit), { recursive: true });
      link(path, join(folder, 'snapshots', commit, 'model.safetensors'));
    }
    return folder;
  }

  it('names the refs that point at a snapshot', () => {
    const hub = next();
    const folder = repository(hub, { aaaaaaa111: 'x', bbbbbbb222: 'y' });
    const refs = { main: 'aaaaaaa111', v2: 'aaaaaaa111\n', 'pr/1': 'bbbbbbb222', old: 'ccccccc333' };
    tree(refs, join(folder, 'refs'));
    tree({ 'aaaaaaa111/model.bin': '' }, join(folder, '.no_exist'));
    tree({ 'x.lock': '' }, join(hub, '.locks', 'models--org--name'));
    tree({ 'snapshots/ddd/pytorch_model.bin': '' }, join(hub, 'datasets--org--data'));
    expect(discover(hub)).toEqual({
      found: ['org/name@aaaaaaa (main, v2)', 'org/name@bbbbbbb (pr/1)'],
      rejected: [],
    });
  });

  it.each([
    ['symbolic', symlinkSync],
    ['hard', linkSync],
  ])('shows files that two snapshots share by %s links once, as the snapshot of main', (_, link) => {
    const hub = next();
    const folder = join(hub, 'models--org--name');
    mkdirSync(join(folder, 'blobs'), { recursive: true });
    writeSafetensors(join(folder, 'blobs', 'x'), tensors);
    for (const commit of ['aaaaaaa111', 'bbbbbbb222', 'ccccccc333']) {
      mkdirSync(join(folder, 'snapshots', commit), { recursive: true });
      link(join(folder, 'blobs', 'x'), join(folder, 'snapshots', commit, 'model.safetensors'));
    }
    tree({ v1: 'aaaaaaa111', main: 'bbbbbbb222' }, join(folder, 'refs'));
    expect(discover(hub).found).toEqual(['org/name@bbbbbbb (v1, main)']);
  });

  it('holds real files where links are not to be had', () => {
    const hub = next();
    const folder = join(hub, 'models--org--name');
    for (const commit of ['aaaaaaa111', 'bbbbbbb222'])
      writeCheckpoint(join(folder, 'snapshots', commit), { config: {}, tensors });
    tree({ main: 'bbbbbbb222' }, join(folder, 'refs'));
    expect(discover(hub).found).toEqual(['org/name@aaaaaaa', 'org/name@bbbbbbb (main)']);
  });

  it('says which downloads are not finished', () => {
    const hub = next();
    tree(
      { 'models--org--begun/blobs/abc.incomplete': '', 'models--org--empty/refs/main': 'aaaaaaa111' },
      hub,
    );
    tree(
      {
        'models--org--half/blobs/abc.incomplete': '',
        'models--org--half/snapshots/aaaaaaa111/tokenizer.json': '{}',
      },
      hub,
    );
    const folder = repository(hub, { ddddddd444: 'x' });
    symlinkSync(
      join(folder, 'blobs', 'gone'),
      join(tree({ 'config.json': '{}' }, join(folder, 'snapshots', 'e')), 'model.safetensors'),
    );
    const { found, rejected } = discover(hub);
    expect(found).toEqual(['org/name@ddddddd']);
    expect(rejected.map(([path, code]) => [path, code])).toEqual([
      ['models--org--begun', 'incomplete-download'],
      ['models--org--half/snapshots/aaaaaaa111', 'incomplete-download'],
      ['models--org--name/snapshots/e', 'incomplete-download'],
    ]);
    expect(rejected[0]?.[2]).toBe('the weights of this folder are still being downloaded ("abc.incomplete")');
  });

  it('is searched without being named, with the folders of LM Studio, as far as they exist', () => {
    const home = next();
    const hub = join(home, 'hub');
    repository(hub, { aaaaaaa111: 'x' });
    writeCheckpoint(join(home, '.lmstudio', 'models', 'pub', 'name'), { config: {}, tensors });
    vi.stubEnv('HF_HUB_CACHE', hub);
    vi.stubEnv('HOME', home);
    const { found, rejected } = discoverCheckpoints();
    expect(found.map(({ title }) => title)).toEqual(['pub/name', 'org/name@aaaaaaa']);
    expect(rejected).toEqual([]);
  });
});

describe('the folders of trainers', () => {
  it('are found with their steps: transformers with the states of DeepSpeed, verl with merged weights', () => {
    const run = tree({
      'checkpoint-10/global_step10/bf16_zero_pp_rank_0_mp_rank_00_optim_states.pt': '',
      'checkpoint-10/optimizer.pt': '',
      'global_step_20/data.pt': '',
      'global_step_20/actor/model_world_size_2_rank_0.pt': '',
      'epoch_1/optimizer.pt': '',
    });
    for (const folder of ['checkpoint-10', 'global_step_20/actor/huggingface', 'epoch_1'])
      writeCheckpoint(join(run, folder), { config: {}, tensors });
    const { found, rejected } = discoverCheckpoints([run]);
    expect(found.map(({ path, step }) => [relative(run, path), step])).toEqual([
      ['checkpoint-10', 10],
      ['epoch_1', 1],
      ['global_step_20/actor/huggingface', 20],
    ]);
    expect(rejected).toEqual([]);
  });

  it.each([
    [
      'verl',
      {
        'global_step_5/data.pt': '',
        'global_step_5/actor/model_world_size_2_rank_0.pt': '',
        'global_step_5/actor/optim_world_size_2_rank_0.pt': '',
        'global_step_5/actor/huggingface/config.json': '{}',
      },
      'global_step_5/actor',
      'verl.model_merger merge',
    ],
    [
      'DeepSpeed',
      {
        'checkpoint-5/training_args.bin': '',
        'checkpoint-5/global_step5/zero_pp_rank_0_mp_rank_00_optim_states.pt': '',
        'checkpoint-5/global_step5/mp_rank_00_model_states.pt': '',
      },
      'checkpoint-5/global_step5',
      'zero_to_fp32.py',
    ],
    [
      'FSDP',
      { 'checkpoint-5/optimizer.pt': '', 'checkpoint-5/pytorch_model_fsdp_0/__0_0.distcp': '' },
      'checkpoint-5/pytorch_model_fsdp_0',
      'accelerate merge-weights',
    ],
    [
      'Megatron',
      { 'iter_0000005/mp_rank_00/model_optim_rng.pt': '', 'iter_0000005/mp_rank_01/model_optim_rng.pt': '' },
      'iter_0000005',
      'convert it to the Hugging Face layout',
    ],
    [
      'Megatron without a step',
      { 'release/mp_rank_00_000/model_optim_rng.pt': '', 'release/mp_rank_01_000/model_optim_rng.pt': '' },
      'release',
      'Megatron',
    ],
    [
      'a trainer that kept its state alone',
      { 'checkpoint-5/optimizer.pt': '' },
      'checkpoint-5',
      'state of a trainer',
    ],
  ])('of %s are rejected once, with what to do', (_, files, path, says) => {
    const { found, rejected } = discover(tree(files));
    expect(found).toEqual([]);
    expect(rejected.map(([at]) => at)).toEqual([path]);
    expect(rejected[0]?.[2]).toContain(says);
  });

  it('are rejected beside a model that was saved above them', () => {
    const run = tree({
      'checkpoint-5/__0_0.distcp': '',
      'original/consolidated.00.pth': '',
      'onnx/model.onnx': '',
    });
    writeCheckpoint(run, { config: {}, tensors });
    expect(rejects(run)).toEqual([
      ['checkpoint-5', 'unsupported-format'],
      ['original', 'archive-damaged'],
    ]);
  });

  it('keep the reason of every damaged checkpoint', () => {
    const run = tree({ 'checkpoint-1/model.safetensors': 'x', 'checkpoint-2/sub/model.safetensors': '' });
    writeCheckpoint(join(run, 'checkpoint-2'), { config: {}, tensors });
    expect(rejects(run)).toEqual([
      ['checkpoint-1', 'header-too-short'],
      ['checkpoint-2/sub', 'header-too-short'],
    ]);
  });
});

describe('folders of adapters', () => {
  it('are checkpoints of their own format, with their own parameters, whether their base is there or not', () => {
    const run = next();
    writeAdapter(join(run, 'checkpoint-7'), { tensors: loraPair('q_proj', [4, 6]) });
    tree({ 'checkpoint-7/optimizer.pt': '' }, run);
    const { found, rejected } = discoverCheckpoints([run]);
    expect(found).toMatchObject([
      { path: join(run, 'checkpoint-7'), format: 'adapter', step: 7, parameters: 20, bytes: 80 },
    ]);
    expect(rejected).toEqual([]);
  });

  it('of other kinds, damaged or without weights are rejected with the reason', () => {
    const run = tree({ 'config-only/adapter_config.json': '{}' });
    writeAdapter(join(run, 'broken'), { tensors: [], config: { r: 0 } });
    writeAdapter(join(run, 'loha'), { tensors: loraPair('q', [2, 2]), config: { peft_type: 'LOHA' } });
    expect(rejects(run)).toEqual([
      ['broken', 'adapter-invalid'],
      ['config-only', 'not-a-checkpoint'],
      ['loha', 'adapter-unsupported'],
    ]);
  });

  it('of two snapshots are two', () => {
    const hub = next();
    for (const commit of ['aaaaaaa111', 'bbbbbbb222'])
      writeAdapter(join(hub, 'models--o--n', 'snapshots', commit), { tensors: loraPair('q', [2, 2]) });
    expect(discover(hub).found).toEqual(['o/n@aaaaaaa', 'o/n@bbbbbbb']);
  });
});
