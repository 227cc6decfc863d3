import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { layAdapter } from '../../src-main/checkpoint/adapter/layAdapter.ts';
import { readAdapter } from '../../src-main/checkpoint/adapter/readAdapter.ts';
import { openCheckpoint } from '../../src-main/checkpoint/openCheckpoint.ts';
import type { ErrorCode } from '../../src-main/contract/errors.ts';
import type { AdapterSource } from '../fixtures/adapters.ts';
import { eighths, loraPair, writeAdapter } from '../fixtures/adapters.ts';
import { caught } from '../fixtures/caught.ts';
import { writeCheckpoint } from '../fixtures/checkpoints.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';
import { expectWords } from './expectRefused.ts';

const root = tempFolder();
const base = openCheckpoint(
  writeCheckpoint(join(root, 'base'), {
    config: {},
    tensors: [eighths('model.q_proj.weight', [4, 4]), eighths('model.conv.weight', [4, 4, 1, 1])],
  }),
);
let count = 0;
const next = (): string => join(root, String(count++));
const open = (folder: string): unknown => layAdapter(readAdapter(folder), base);
const PAIR = loraPair('model.q_proj', [4, 4]);
const [A, B] = PAIR as [(typeof PAIR)[0], (typeof PAIR)[0]];
const key = (name: string): string => `base_model.model.model.${name}`;

function expectRefusal(folder: string, code: ErrorCode, says: string): void {
  expectWords(
    caught(() => open(folder)),
    code,
    says,
  );
}

type Row = readonly [what: string, source: Partial<AdapterSource>, code: ErrorCode, says: string];

const CONFIGS: readonly Row[] = [
  ['no peft_type', { config: { peft_type: undefined } }, 'adapter-invalid', 'has no peft_type'],
  ['LoHa', { config: { peft_type: 'LOHA' } }, 'adapter-unsupported', '"LOHA", not LORA'],
  [
    'a type that moves the cursor',
    { config: { peft_type: '\u001b[2J' } },
    'adapter-unsupported',
    '\\u{1b}[2J',
  ],
  ['DoRA', { config: { use_dora: true } }, 'adapter-unsupported', 'DoRA (use_dora)'],
  [
    'trained tokens',
    { config: { trainable_token_indices: [1] } },
    'adapter-unsupported',
    'single trained tokens',
  ],
  ['experts', { config: { target_parameters: ['experts.w1'] } }, 'adapter-unsupported', 'target_parameters'],
  [
    'replicated layers',
    { config: { layer_replication: [[0, 1]] } },
    'adapter-unsupported',
    'replicated layers',
  ],
  [
    'PiSSA',
    { config: { init_lora_weights: 'pissa_niter_4' } },
    'adapter-unsupported',
    'changes the base as well',
  ],
  ['no rank', { config: { r: undefined } }, 'adapter-invalid', '"r"'],
  ['rank 0', { config: { r: 0 } }, 'adapter-invalid', '"r"'],
  ['rank 1e15', { config: { r: 1e15 } }, 'adapter-invalid', '"r"'],
  ['half a rank', { config: { r: 2.5 } }, 'adapter-invalid', '"r"'],
  ['alpha as text', { config: { lora_alpha: '16' } }, 'adapter-invalid', '"lora_alpha"'],
  [
    'a rank pattern of text',
    { config: { rank_pattern: { q: 'x' } } },
    'adapter-invalid',
    '"rank_pattern" "q"',
  ],
  [
    'a base that is a number',
    { config: { base_model_name_or_path: 7 } },
    'adapter-invalid',
    'base_model_name',
  ],
  [
    'a base of 1 MB',
    { config: { base_model_name_or_path: 'x'.repeat(1e6) } },
    'adapter-invalid',
    'base_model_name',
  ],
  [
    'another rank than the shapes',
    { config: { r: 3 } },
    'adapter-invalid',
    'has rank 2, and adapter_config.json says 3',
  ],
  ['a broken expression', { config: { rank_pattern: { '(': 2 } } }, 'adapter-invalid', 'rank_pattern'],
  [
    'an expression that matches for ever',
    {
      config: { alpha_pattern: { '(([a-z_.0-9]+)+)!': 2 } },
      tensors: loraPair(`model.${'a'.repeat(60)}`, [4, 4]),
    },
    'adapter-invalid',
    'alpha_pattern of adapter_config.json cannot be matched',
  ],
];

const TENSORS: readonly Row[] = [
  ['no tensors', { tensors: [] }, 'adapter-invalid', 'holds no tensors'],
  ['A without B', { tensors: [A] }, 'adapter-invalid', 'module "model.q_proj" has no lora_B'],
  ['B without A', { tensors: [B] }, 'adapter-invalid', 'has no lora_A'],
  [
    'a name that is no module',
    { tensors: [eighths('weight', [2])] },
    'adapter-invalid',
    'no part of a LoRA adapter',
  ],
  [
    'an empty module',
    { tensors: [eighths('base_model.model.lora_A.weight', [2, 4])] },
    'adapter-invalid',
    'no part',
  ],
  [
    'A and B of different ranks',
    { tensors: [A, eighths(B.name, [4, 3])] },
    'adapter-invalid',
    'has lora_B of shape [4, 3] and lora_A of shape [2, 4]',
  ],
  [
    'a vector for A',
    { tensors: [eighths(A.name, [8]), B] },
    'adapter-invalid',
    'shape [8], which is no matrix',
  ],
  [
    'matrices without elements',
    { tensors: [eighths(A.name, [2, 0]), B] },
    'adapter-invalid',
    'shape [2, 0], which is no matrix',
  ],
  [
    'a convolution',
    {
      tensors: [
        eighths(key('conv.lora_A.weight'), [2, 4, 1, 1]),
        eighths(key('conv.lora_B.weight'), [4, 2, 1, 1]),
      ],
    },
    'adapter-unsupported',
    'an update of a convolution',
  ],
  [
    'a convolution of the base',
    { tensors: loraPair('model.conv', [4, 4]) },
    'adapter-base-missing',
    '[4, 4, 1, 1]',
  ],
  [
    'the magnitudes of DoRA',
    { tensors: [...PAIR, eighths(key('q_proj.lora_magnitude_vector'), [4])] },
    'adapter-unsupported',
    'lora_magnitude_vector',
  ],
  [
    'LoRA around LoRA',
    { tensors: loraPair('model.experts.base_layer', [4, 4]) },
    'adapter-unsupported',
    'plain LoRA on modules does not have',
  ],
  [
    'two adapters in one file',
    {
      tensors: [
        ...PAIR,
        eighths(key('k_proj.lora_A.one.weight'), [2, 4]),
        eighths(key('k_proj.lora_B.two.weight'), [4, 2]),
      ],
    },
    'adapter-invalid',
    'holds several adapters: "one", "two"',
  ],
  [
    'the same matrix under two names',
    { tensors: [...PAIR, eighths(key('q_proj.lora_A.default.weight'), [2, 4])] },
    'adapter-invalid',
    'has the same matrix twice',
  ],
  [
    'one module of the base under two names',
    { tensors: [...PAIR, ...loraPair('module.q_proj', [4, 4])] },
    'adapter-invalid',
    'two of its modules are one in the base',
  ],
  [
    'matrices of an embedding and a linear module in one',
    { tensors: [...PAIR, eighths(key('q_proj.lora_embedding_A'), [2, 4])] },
    'adapter-invalid',
    'of an embedding and of a linear module',
  ],
  [
    'a bias of another length',
    { tensors: [...PAIR, eighths(key('q_proj.lora_B.bias'), [5])] },
    'adapter-invalid',
    'a bias of shape [5]',
  ],
  [
    'a module that is __proto__',
    { tensors: loraPair('__proto__', [4, 4]) },
    'adapter-base-missing',
    '"__proto__"',
  ],
];

describe('a hostile or damaged adapter', () => {
  it.each(CONFIGS)('with %s in its configuration', (_, source, code, says) => {
    expectRefusal(writeAdapter(next(), { tensors: PAIR, ...source }), code, says);
  });

  it.each(TENSORS)('with %s in its file', (_, source, code, says) => {
    expectRefusal(writeAdapter(next(), { tensors: PAIR, ...source }), code, says);
  });

  it.each([
    ['no JSON', '{', 'adapter-invalid', 'is not JSON'],
    ['a list', '[]', 'adapter-invalid', 'is not a JSON object'],
    ['brackets without end', '['.repeat(1e6), 'adapter-invalid', 'is not JSON'],
    ['5 MB', ' '.repeat(5e6), 'adapter-invalid', 'at most'],
    ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x80]), 'adapter-invalid', 'is not UTF-8'],
    ['an infinite alpha', '{"peft_type":"LORA","r":2,"lora_alpha":1e999}', 'adapter-invalid', '"lora_alpha"'],
    ['a pointer', 'version https://git-lfs.github.com/spec/v1\n', 'git-lfs-pointer', 'adapter_config.json'],
  ] as const)('whose configuration is %s', (_, content, code, says) => {
    const folder = writeAdapter(next(), { tensors: PAIR });
    writeFileSync(join(folder, 'adapter_config.json'), content);
    expectRefusal(folder, code, says);
  });

  it('whose files are missing, truncated or links to nothing', () => {
    const without = writeAdapter(next(), { tensors: PAIR });
    const weights = join(without, 'adapter_model.safetensors');
    writeFileSync(weights, Buffer.alloc(5));
    expectRefusal(without, 'header-too-short', 'has 5 bytes');
    rmSync(weights);
    expectRefusal(without, 'adapter-invalid', 'no weights of an adapter');
    symlinkSync(join(root, 'nowhere'), weights);
    expectRefusal(without, 'adapter-invalid', 'no weights of an adapter');
    rmSync(join(without, 'adapter_config.json'));
    expectRefusal(without, 'path-not-found', 'adapter_config.json');
    const pickled = writeAdapter(next(), { tensors: PAIR });
    rmSync(join(pickled, 'adapter_model.safetensors'));
    writeFileSync(join(pickled, 'adapter_model.bin'), 'PK');
    expectRefusal(pickled, 'archive-damaged', 'begins like no file of torch.save');
    const folder = next();
    mkdirSync(join(folder, 'adapter_config.json'), { recursive: true });
    expectRefusal(folder, 'not-a-checkpoint', 'is not a regular file');
  });

  it('reads PyTorch files with the reader that it is given', () => {
    const folder = writeAdapter(next(), { tensors: PAIR });
    const { tensors } = readAdapter(folder);
    rmSync(join(folder, 'adapter_model.safetensors'));
    writeFileSync(join(folder, 'adapter_model.bin'), 'PK');
    const read = readAdapter(folder, () => tensors);
    expect(read).toMatchObject({ tensors, file: join(folder, 'adapter_model.bin') });
  });
});
