import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { eighths, loraPair, writeAdapter } from '../fixtures/adapters.ts';
import {
  smallLlama,
  sourcesOf,
  tuned,
  writeFp8,
  writeGguf,
  writeSingle,
  writeTorch,
  CONFIG,
} from '../fixtures/manyFormats.ts';
import { writeCheckpoint } from '../fixtures/checkpoints.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';
import { type Outcome, runCommand } from './runCommand.ts';

const folder = tempFolder();
const run = (...argv: string[]): Promise<Outcome> => runCommand(folder, ...argv);
const at = (name: string): string => join(folder, name);

const base = smallLlama(1);
const sft = tuned(base);
const PAIRS = [
  ...loraPair('model.layers.0.self_attn.q_proj', [64, 64]),
  ...loraPair('model.layers.1.mlp.down_proj', [64, 96], 4),
];

const adapterOn = (name: string, named: string | undefined): string =>
  writeAdapter(at(name), {
    config: { base_model_name_or_path: named, rank_pattern: { down_proj: 4 } },
    tensors: PAIRS,
  });

beforeAll(() => {
  writeSingle(at('base'), base, 'BF16');
  writeTorch(at('sft'), sft, 'F16');
  writeGguf(at('quantised'), sft, 'Q8_0', 'model-Q8_0.gguf');
  writeGguf(at('quantised'), sft, 'F16', 'model-F16.gguf');
  writeFp8(at('fp8'), sft);
  adapterOn('lora', 'base');
  adapterOn('orphan', 'org/elsewhere');
  adapterOn('unnamed', undefined);
  adapterOn('one', 'two');
  adapterOn('two', 'one');
  adapterOn('own', 'own');
  writeAdapter(at('misfit'), {
    config: { base_model_name_or_path: 'base' },
    tensors: loraPair('model.layers.7.self_attn.q_proj', [64, 64]),
  });
  writeAdapter(at('head'), {
    config: { base_model_name_or_path: 'base', modules_to_save: ['lm_head'] },
    tensors: [eighths('base_model.model.lm_head.weight', [48, 64], 'BF16')],
  });
  const grown = sourcesOf(sft, 'BF16').map((tensor) =>
    /embed_tokens|lm_head/.test(tensor.name)
      ? { ...tensor, shape: [50, 64], data: [...tensor.data, ...Array<number>(128).fill(0.25)] }
      : tensor,
  );
  writeCheckpoint(at('grown'), { config: { ...CONFIG, vocab_size: 50 }, tensors: grown });
  mkdirSync(at('state'));
  cpSync(join(import.meta.dirname, '../fixtures/pytorch/torch-2.13/optimiser.pt'), at('state/model.pt'));
});

describe('inspect of an adapter', () => {
  it('says what it changes of which base', async () => {
    const { stdout } = await run('inspect', 'lora');
    expect(stdout).toContain(`\nadapter     rank 2, 4, changes 2 tensors of ${at('base')}\n`);
    expect(stdout).toMatch(/\nq_proj +2 +\[64, 64\] +BF16 \+ LoRA, BF16 /);
    expect((await run('inspect', 'head')).stdout).toContain(
      `\nadapter     whole tensors, changes 1 tensor of ${at('base')}\n`,
    );
  });

  it.each([
    ['orphan', 'its base "org/elsewhere" is not here'],
    ['unnamed', 'no base is named'],
    ['misfit', 'of which the base "base" has no weight'],
  ])('%s: says what is missing, and a way that works', async (name, message) => {
    const { code, stdout, stderr } = await run('inspect', name);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect(stderr).toContain('--adapter-base PATH in `inspect`');
    if (name === 'misfit') return;
    const named = await run('inspect', name, '--adapter-base', 'base');
    expect(named.stdout).toContain(`changes 2 tensors of ${at('base')}`);
  });

  it('refuses adapters that are laid on each other in a circle', async () => {
    const { code, stderr } = await run('inspect', 'one');
    expect(code).toBe(2);
    expect(stderr).toContain('adapters are laid on each other in a circle: "one" on "two" on "one"');
    expect((await run('inspect', 'one', '--adapter-base', 'one')).stderr).toContain('circle: "one" on "one"');
    for (let i = 0; i < 10; i++) adapterOn(`chain${String(i)}`, i === 0 ? 'base' : `chain${String(i - 1)}`);
    expect((await run('inspect', 'chain7')).code).toBe(0);
    expect((await run('inspect', 'chain9')).stderr).toContain('more than 8 adapters are laid on each other');
    // A name that is its own folder's says nothing.
    expect((await run('inspect', 'own')).stderr).toContain('its base "own" is not here');
  });
});

describe('adapters in diff and compare', () => {
  it('are laid on the other side where their own base is missing, which is said', async () => {
    expect((await run('diff', 'base', 'orphan')).stdout).toContain('\nDifferent: 2 of 21 tensors.\n');
    const { stdout } = await run('compare', 'base', '--sft', 'a=lora', '--sft', 'b=orphan', '--dry-run');
    expect(stdout).toContain('types BF16 (19), BF16 vs BF16 + LoRA (2)\n');
    expect(stdout.match(/^Note .*$/gm)).toEqual([
      'Note on b: laid on "base", which it is compared with: its base "org/elsewhere" is not here',
    ]);
  });

  it('take a base by name, once, and nothing else does', async () => {
    const compare = (...more: string[]): Promise<Outcome> =>
      run('compare', 'base', '--sft', 'a=unnamed', '--rl', 'b=sft', '--dry-run', ...more);
    expect((await compare('--adapter-base', 'a=sft')).stdout).toContain('F16 + LoRA');
    expect((await compare('--adapter-base', 'b=base')).stderr).toContain('"b" is no adapter');
    expect((await compare('--adapter-base', 'a=base', '--adapter-base', 'a=sft')).stderr).toContain(
      'names "a" twice',
    );
    expect((await compare('--adapter-base', 'c=base')).stderr).toContain('no variant is called "c"');
  });

  it('another base is another study', async () => {
    const compare = (...more: string[]): Promise<Outcome> =>
      run('compare', 'base', '--sft', 'a=unnamed', '--out', 'laid', '--measures', 'update.norm', ...more);
    expect((await compare()).code).toBe(0);
    const other = await compare('--adapter-base', 'a=sft');
    expect([other.code === 0, other.stderr.includes('this folder holds the study')]).toEqual([false, true]);
    expect((await run('compare', 'sft', '--sft', 'a=lora', '--out', 'base/study')).stderr).toContain(
      'lies inside the checkpoint',
    );
  });
});

describe('formats side by side', () => {
  it('are labelled with their types, and scales are no tensors that are missing', async () => {
    const variants = ['sft', 'q8=quantised/model-Q8_0.gguf', 'fp8=fp8', 'grown=grown'];
    const { stdout } = await run(
      'compare',
      'base',
      ...variants.flatMap((each) => ['--sft', each]),
      '--dry-run',
    );
    expect(stdout).toContain('21 of 21 tensors compared, 67.9 K parameters, types BF16 vs F16 (21)\n');
    expect(stdout).toContain('67.9 K parameters, types BF16 vs Q8_0 (16), BF16 vs F32 (5)\n');
    expect(stdout).toContain(
      'types BF16 vs F8_E4M3 scaled (14), BF16 (7); not counted: 14 (quantisation bookkeeping or a buffer, not a parameter)\n',
    );
    expect(stdout).toContain('21 of 21 tensors compared, 2 of them in part, 67.9 K parameters\n');
    expect(stdout).toMatch(
      /lm_head\.weight .* compared on the first 48 rows of 48 and 50: the vocabulary was resized\n/,
    );
    expect(stdout).not.toContain('weight_scale_inv');
  });

  it('diff counts the rows that two vocabularies share', async () => {
    const { code, stdout } = await run('diff', 'sft', 'grown');
    expect([code, stdout.match(/\nembed_tokens +1 +1 +100 % +100 %/)?.length]).toEqual([1, 1]);
    expect(stdout).toContain('shape-differs: lm_head.weight (compared on the first 48 rows of 48 and 50');
  });

  it('a folder of quantisations lists them', async () => {
    const { stdout } = await run('inspect', 'quantised');
    expect(stdout).toContain('is no checkpoint itself; it holds 2.');
    const { code, stderr } = await run('diff', 'base', 'quantised');
    expect([code, stderr.includes('"model-F16.gguf", "model-Q8_0.gguf"')]).toEqual([2, true]);
  });

  it('the state of an optimiser is told from weights', async () => {
    const { code, stderr } = await run('inspect', 'state');
    expect(code).toBe(2);
    expect(stderr).toContain('holds the state of an optimiser (18 tensors) and no weights');
  });
});
