import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { LaidAdapter } from '../../../src-main/checkpoint/adapter/layAdapter.ts';
import { layAdapter } from '../../../src-main/checkpoint/adapter/layAdapter.ts';
import { readAdapter } from '../../../src-main/checkpoint/adapter/readAdapter.ts';
import { openCheckpoint } from '../../../src-main/checkpoint/openCheckpoint.ts';
import type { Checkpoint, TensorInfo } from '../../../src-main/contract/checkpoint.ts';
import { isComputable, TensorInfo as Schema } from '../../../src-main/contract/checkpoint.ts';
import type { PolarimeterError } from '../../../src-main/contract/errors.ts';
import { eighths, loraPair, writeAdapter } from '../../fixtures/adapters.ts';
import { caught } from '../../fixtures/caught.ts';
import type { TensorSource } from '../../fixtures/checkpoints.ts';
import { bf16Value, writeCheckpoint } from '../../fixtures/checkpoints.ts';
import { tempFolder } from '../../fixtures/tempFolder.ts';

const root = tempFolder();
let count = 0;
const next = (): string => join(root, String(count++));
const LAYER = 'model.layers.0';
const Q = `${LAYER}.self_attn.q_proj`;

const BASE: readonly TensorSource[] = [
  eighths('model.embed_tokens.weight', [7, 4], 'BF16'),
  eighths(`${Q}.weight`, [4, 4], 'BF16'),
  eighths(`${Q}.bias`, [4], 'BF16'),
  eighths(`${LAYER}.mlp.down_proj.weight`, [4, 6], 'BF16'),
  eighths('model.norm.weight', [4], 'BF16'),
];

const renamed = (from: string, to: string): TensorSource[] =>
  BASE.map((tensor) => ({ ...tensor, name: tensor.name.replace(from, to) }));

function openBase(tensors: readonly TensorSource[] = BASE, config: object = {}): Checkpoint {
  return openCheckpoint(writeCheckpoint(next(), { config: { ...config }, tensors }));
}

function lay(
  tensors: readonly TensorSource[],
  config: object = {},
  base: Checkpoint = openBase(),
): LaidAdapter {
  return layAdapter(readAdapter(writeAdapter(next(), { tensors, config: { ...config } })), base);
}

const refused = (...from: Parameters<typeof lay>): PolarimeterError => caught(() => lay(...from));

function named({ tensors }: LaidAdapter, name: string): TensorInfo {
  return tensors.find((tensor) => tensor.name === name) ?? expect.fail(`there is no ${name}`);
}

function stored({ file, offset, bytes, dtype }: TensorInfo): number[] {
  const data = readFileSync(file).subarray(offset, offset + bytes);
  const step = dtype === 'BF16' ? 2 : 4;
  return Array.from({ length: bytes / step }, (_, i) =>
    step === 2 ? bf16Value(data.readUInt16LE(2 * i)) : data.readFloatLE(4 * i),
  );
}

/** Elements of a tensor in float64, straight from the definition of its derivation. */
function elements(tensor: TensorInfo): number[] {
  const { derived } = tensor;
  if (!derived) return stored(tensor);
  if (derived.kind !== 'low-rank') return expect.fail(`derived as ${derived.kind}`);
  const { base, up, down, factor, transposed } = derived;
  const [a, b] = [elements(down), elements(up)];
  const [rank = 0, into = 0] = down.shape;
  const [, columns = 0] = tensor.shape;
  return elements(base).map((value, at) => {
    const [i, j] = [Math.floor(at / columns), at % columns];
    const [row, column] = transposed ? [j, i] : [i, j];
    let product = 0;
    for (let k = 0; k < rank; k++) product += (b[row * rank + k] ?? NaN) * (a[k * into + column] ?? NaN);
    return value + factor * product;
  });
}

/** The same sum from the planted numbers alone; entry says which element of B (row) and A (column) meet at i, j. */
function merged(base: TensorSource, pair: readonly TensorSource[], scale: number, flip = false): number[] {
  const [a, b] = pair as [TensorSource, TensorSource];
  const [rank = 0, into = 0] = a.shape;
  const width = base.shape[1] ?? 0;
  return Array.from(base.data, (value, at) => {
    const [i, j] = flip ? [at % width, Math.floor(at / width)] : [Math.floor(at / width), at % width];
    const terms = Array.from(
      { length: rank },
      (_, k) => Number(b.data[i * rank + k]) * Number(a.data[k * into + j]),
    );
    return value + scale * terms.reduce((sum, term) => sum + term, 0);
  });
}

const source = (name: string): TensorSource =>
  BASE.find((tensor) => tensor.name === name) ?? expect.fail(`there is no ${name}`);

describe('a low-rank update', () => {
  const pair = loraPair(`${LAYER}.mlp.down_proj`, [4, 6]);

  it('is base + alpha / r * B * A, the rest of the base untouched', () => {
    const base = openBase();
    const laid = lay(pair, {}, base);
    const name = `${LAYER}.mlp.down_proj.weight`;
    const tensor = named(laid, name);
    expect(elements(tensor)).toEqual(merged(source(name), pair, 4 / 2));
    expect(tensor).toMatchObject({ dtype: 'BF16 + LoRA', shape: [4, 6], bytes: 48 + 4 * (12 + 8) });
    const old = base.tensors.find((each) => each.name === name);
    expect([tensor.file, tensor.offset]).toEqual([old?.file, old?.offset]);
    expect(tensor.derived).toMatchObject({ kind: 'low-rank', base: old, factor: 2, transposed: false });
    expect(Schema.parse(tensor)).toEqual(tensor);
    expect(isComputable(tensor)).toBe(true);
    expect(laid.tensors.map((each) => each.name)).toEqual(base.tensors.map((each) => each.name));
    expect(laid.tensors.filter((each) => each.derived)).toHaveLength(1);
    expect([laid.ranks, laid.targets, laid.untied, laid.warnings]).toEqual([[2], 1, false, []]);
  });

  it('may carry the name of its adapter', () => {
    const own = pair.map((tensor) => ({
      ...tensor,
      name: tensor.name.replace('.weight', '.default.weight'),
    }));
    expect(lay(own).targets).toBe(1);
  });

  it('is divided by the root of the rank where it is rank-stabilised', () => {
    const tensor = named(lay(pair, { use_rslora: true, lora_alpha: 3 }), `${LAYER}.mlp.down_proj.weight`);
    expect(tensor.derived).toMatchObject({ factor: 3 / Math.sqrt(2) });
  });

  it('has the rank and alpha of the first pattern that its module matches, each list for itself', () => {
    const tensors = [...loraPair(Q, [4, 4], 3), ...pair];
    const patterns = {
      rank_pattern: { 'layers\\.\\d+\\.self_attn\\.[qk]_proj': 3, q_proj: 5 },
      alpha_pattern: { proj: 100, [`^${LAYER}.mlp.down_proj`]: 8 },
    };
    const laid = lay(tensors, patterns);
    expect(named(laid, `${Q}.weight`).derived).toMatchObject({ factor: 4 / 3 });
    expect(named(laid, `${LAYER}.mlp.down_proj.weight`).derived).toMatchObject({ factor: 8 / 2 });
    expect(laid.ranks).toEqual([2, 3]);
  });

  it('is transposed where the weight is stored as (in, out); a square one by fan_in_fan_out', () => {
    const base = openBase([
      eighths('h.0.attn.c_attn.weight', [4, 12]),
      eighths('h.0.attn.c_proj.weight', [4, 4]),
    ]);
    const wide = loraPair('transformer.h.0.attn.c_attn', [12, 4]);
    const square = loraPair('transformer.h.0.attn.c_proj', [4, 4]);
    const laid = lay([...wide, ...square], { fan_in_fan_out: true }, base);
    for (const [name, shape, matrices] of [
      ['c_attn', [4, 12], wide],
      ['c_proj', [4, 4], square],
    ] as const) {
      const full = `h.0.attn.${name}.weight`;
      expect(elements(named(laid, full))).toEqual(merged(eighths(full, shape), matrices, 2, true));
    }
    expect(laid.warnings).toEqual([]);
    const contradicted = lay(wide, { fan_in_fan_out: false }, base);
    expect(named(contradicted, 'h.0.attn.c_attn.weight').derived).toMatchObject({ transposed: true });
    expect(contradicted.warnings.join()).toContain('fan_in_fan_out is false');
    expect(named(lay(square, {}, base), 'h.0.attn.c_proj.weight').derived).toMatchObject({
      transposed: false,
    });
  });

  it('of an embedding is the transposed product', () => {
    const matrices = [
      eighths('base_model.model.model.embed_tokens.lora_embedding_A', [2, 7]),
      eighths('base_model.model.model.embed_tokens.lora_embedding_B', [4, 2]),
    ];
    const laid = lay(matrices);
    const tensor = named(laid, 'model.embed_tokens.weight');
    expect(elements(tensor)).toEqual(merged(source('model.embed_tokens.weight'), matrices, 2, true));
    const tied = lay(matrices, {}, openBase(BASE, { tie_word_embeddings: true }));
    expect(tied.untied).toBe(false);
    expect(tied.warnings.join()).toContain('the head shares the embedding');
  });

  it('lists a bias that it adds to, and does not compute it', () => {
    const bias = eighths(`base_model.model.${Q}.lora_B.bias`, [4]);
    const laid = lay([...loraPair(Q, [4, 4]), bias], { lora_bias: true });
    const tensor = named(laid, `${Q}.bias`);
    expect(isComputable(tensor)).toBe(false);
    expect(tensor.dtype).toBe('BF16 + LoRA');
    expect(laid.warnings.join()).toContain('lora_bias');
    expect(laid.targets).toBe(2);
  });

  it('lies on a base that is derived itself, and on another adapter', () => {
    const base = openBase();
    const first = lay(pair, {}, base);
    const second = lay(pair, { lora_alpha: 1 }, { ...base, tensors: [...first.tensors] });
    const name = `${LAYER}.mlp.down_proj.weight`;
    const once = { ...source(name), data: merged(source(name), pair, 2) };
    expect(elements(named(second, name))).toEqual(merged(once, pair, 0.5));
    expect(named(second, name)).toMatchObject({ dtype: 'BF16 + LoRA + LoRA', bytes: 48 + 4 * 20 * 2 });
    const quantised = base.tensors.map((tensor) =>
      tensor.name === name ? { ...tensor, dtype: 'Q4_K' } : tensor,
    );
    const listed = named(lay(pair, {}, { ...base, tensors: quantised }), name);
    expect([listed.dtype, isComputable(listed)]).toEqual(['Q4_K + LoRA', false]);
  });
});

describe('tensors that an adapter brings whole', () => {
  it.each(['.modules_to_save.default', '.modules_to_save', '', '.base_layer'])('are named %s', (inner) => {
    const tensor = eighths(`base_model.model.model.embed_tokens${inner}.weight`, [7, 4]);
    const laid = lay([tensor], { modules_to_save: ['embed_tokens'] });
    expect(elements(named(laid, 'model.embed_tokens.weight'))).toEqual(tensor.data);
    expect(named(laid, 'model.embed_tokens.weight').derived).toBeUndefined();
    expect([laid.targets, laid.ranks]).toEqual([1, []]);
    expect(laid.warnings.join()).toContain('the adapter brings whole tensors: "model.embed_tokens.weight"');
  });

  it('are biases, too, with bias: all and lora_only', () => {
    const bias = eighths(`base_model.model.${Q}.bias`, [4]);
    const laid = lay([...loraPair(Q, [4, 4]), bias], { bias: 'lora_only' });
    expect(elements(named(laid, `${Q}.bias`))).toEqual(bias.data);
    expect(laid.targets).toBe(2);
  });

  it('may be a resized embedding that an update lies on', () => {
    const name = 'base_model.model.model.embed_tokens';
    const whole = eighths(`${name}.base_layer.weight`, [9, 4]);
    const matrices = [
      eighths(`${name}.lora_embedding_A`, [2, 9]),
      eighths(`${name}.lora_embedding_B`, [4, 2]),
    ];
    const tensor = named(lay([whole, ...matrices]), 'model.embed_tokens.weight');
    expect(tensor.shape).toEqual([9, 4]);
    expect(elements(tensor)).toEqual(merged(whole, matrices, 2, true));
  });

  it('are added where the base has none and modules_to_save names them', () => {
    const score = eighths('base_model.model.score.weight', [3, 4]);
    const laid = lay([score], { modules_to_save: ['classifier', 'score'] });
    expect(laid.tensors.at(-1)).toMatchObject({ name: 'score.weight', shape: [3, 4] });
    const error = refused([score]);
    expect([error.code, error.message.includes('"score"')]).toEqual(['adapter-base-missing', true]);
  });

  it('pass over copies of the original', () => {
    const copy = eighths('base_model.model.model.norm.original_module.weight', [4]);
    expect(lay([copy, ...loraPair(Q, [4, 4])]).targets).toBe(1);
  });
});

describe('the head of a model with shared embeddings', () => {
  const base = (): Checkpoint => openBase(BASE, { tie_word_embeddings: true });

  it('begins as the embedding under an update of its own', () => {
    const matrices = loraPair('lm_head', [7, 4]);
    const laid = lay(matrices, {}, base());
    const embedding = source('model.embed_tokens.weight');
    expect(elements(named(laid, 'lm_head.weight'))).toEqual(merged(embedding, matrices, 2));
    expect(elements(named(laid, 'model.embed_tokens.weight'))).toEqual(embedding.data);
    expect(laid.untied).toBe(true);
  });

  it('may come whole', () => {
    const laid = lay([eighths('base_model.model.lm_head.weight', [7, 4])], {}, base());
    expect(laid.untied).toBe(true);
    expect(named(laid, 'lm_head.weight').derived).toBeUndefined();
  });

  it('is missed where the embeddings are not shared', () => {
    expect(refused(loraPair('lm_head', [7, 4])).code).toBe('adapter-base-missing');
  });
});

describe('names of modules', () => {
  const pair = loraPair(Q, [4, 4]);

  it.each([
    ['model.', 'language_model.model.'],
    ['model.', 'model.language_model.'],
    ['model.', ''],
    ['model.', '_orig_mod.model.'],
  ])('match through wrappers: %s as %s', (from, to) => {
    const laid = lay(pair, {}, openBase(renamed(from, to)));
    expect(laid.tensors.filter(({ derived }) => derived).map(({ name }) => name)).toEqual([
      `${Q}.weight`.replace(from, to),
    ]);
  });

  it('prefer the very name, and are refused where two others are meant', () => {
    const twice = [...BASE, ...renamed('model.', 'language_model.')];
    expect(named(lay(pair, {}, openBase(twice)), `${Q}.weight`).derived).toBeDefined();
    const error = refused(
      pair,
      {},
      openBase([...renamed('model.', ''), ...renamed('model.', 'language_model.')]),
    );
    expect(error.code).toBe('adapter-base-missing');
    expect(error.message).toContain('several of that name');
    expect(error.message).toContain(Q);
  });

  it('are refused where the base has no such module, or one of another shape', () => {
    const missing = refused(loraPair('model.layers.9.self_attn.q_proj', [4, 4]));
    expect([missing.code, missing.message]).toEqual([
      'adapter-base-missing',
      expect.stringContaining('changes module "model.layers.9.self_attn.q_proj", of which the base "'),
    ]);
    const other = refused(loraPair(Q, [5, 4]));
    expect(other.code).toBe('adapter-base-missing');
    expect(other.message).toContain('a weight of shape [4, 4], the update is [5, 4]');
    const resized = refused([eighths('base_model.model.model.norm.weight', [5])]);
    expect(resized.code).toBe('adapter-base-missing');
    expect(resized.message).toContain('has shape [5]');
  });
});
