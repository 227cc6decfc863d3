import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { logicalTensors } from '../../src-main/architecture/logicalTensors.ts';
import { DiffDocument } from '../../src-main/cli/documents.ts';
import type { TensorSource } from '../fixtures/checkpoints.ts';
import { encodeTensor, writeCheckpoint } from '../fixtures/checkpoints.ts';
import { elementSources } from '../fixtures/elementSources.ts';
import { field, ggufBytes } from '../fixtures/ggufBytes.ts';
import { inMemory } from '../fixtures/inMemory.ts';
import type { SmallModel } from '../fixtures/mixtureLayouts.ts';
import { deepseekV3, gptOss, llama4, mixtral, phi3, qwen3Moe } from '../fixtures/mixtureLayouts.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';
import { runCommand } from './runCommand.ts';

const folder = tempFolder();

const elementsOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/** A number of its own for every stored element, "name#index"; exact in float32. */
function valueOf(source: string): number {
  let hash = 7;
  for (const character of source) hash = (Math.imul(hash, 31) + character.charCodeAt(0)) >>> 0;
  return (hash % 1999) / 8 - 100;
}

const filled = (tensor: TensorSource, value: (i: number) => number): TensorSource => ({
  ...tensor,
  dtype: 'F32',
  data: Array.from({ length: elementsOf(tensor.shape) }, (_, i) => value(i)),
});

const own = (tensor: TensorSource): TensorSource =>
  filled(tensor, (i) => valueOf(`${tensor.name}#${String(i)}`));

const write = (name: string, { config, tensors }: SmallModel): string =>
  writeCheckpoint(join(folder, name), { config, tensors });

async function diff(a: string, b: string): Promise<DiffDocument> {
  return DiffDocument.parse(JSON.parse((await runCommand(folder, 'diff', a, b, '--json')).stdout));
}

/** Mixtral has other names for the same modules. */
const MODERN: readonly (readonly [string, string])[] = [
  ['block_sparse_moe', 'mlp'],
  ['w1.weight', 'gate_proj.weight'],
  ['w2.weight', 'down_proj.weight'],
  ['w3.weight', 'up_proj.weight'],
];

/** The same values as in the fused model, element by element, in the tensors of the model that is stored apart. */
function takenApart(fused: SmallModel, apart: SmallModel): TensorSource[] {
  const memory = inMemory(fused.tensors, fused.config);
  const parts = new Map(logicalTensors(memory).map((part) => [part.info.name, part]));
  return apart.tensors.map((tensor) => {
    const name = MODERN.reduce((text, [old, current]) => text.replace(old, current), tensor.name);
    const part = parts.get(name);
    if (!part) throw new Error(`no part ${name}`);
    const sources = elementSources(part.info, memory.tensors);
    const [rows = 1, cols = 1] = tensor.shape;
    const isTurned = part.outputs === 'columns';
    return filled(tensor, (i) => valueOf(sources[isTurned ? (i % cols) * rows + Math.floor(i / cols) : i]!));
  });
}

describe.each<[string, (fused: boolean) => SmallModel]>([
  ['phi3', phi3],
  ['qwen3', qwen3Moe],
  ['mixtral', mixtral],
  ['llama4', llama4],
])('diff of %s fused and apart', (name, layout) => {
  const [fused, apart] = [layout(true), layout(false)];
  const tensors = takenApart(fused, apart);
  const [left, right] = [`${name}-fused`, `${name}-apart`];
  write(left, { ...fused, tensors: fused.tensors.map(own) });
  write(right, { ...apart, tensors });

  it.each([
    [left, right],
    [right, left],
    [left, left],
  ])('%s is %s', async (a, b) => {
    const { same, tensors: found } = await diff(a, b);
    expect(found.filter(({ status }) => status !== 'same')).toEqual([]);
    expect([same, found.length]).toEqual([true, apart.tensors.length]);
  });
});

const GGUF_NAMES: readonly (readonly [RegExp, string])[] = [
  [/^model\.embed_tokens/, 'token_embd'],
  [/^model\.norm/, 'output_norm'],
  [/^lm_head/, 'output'],
  [/^model\.layers\./, 'blk.'],
  [/self_attn\.([qkv])_proj/, 'attn_$1'],
  [/self_attn\.o_proj/, 'attn_output'],
  [/mlp\.gate\./, 'ffn_gate_inp.'],
  [/mlp\.experts\.\d+\.(\w+)_proj/, 'ffn_$1_exps'],
  [/input_layernorm/, 'attn_norm'],
  [/post_attention_layernorm/, 'ffn_norm'],
];

/** A mixture of experts as llama.cpp has it: the experts of a layer behind each other in one tensor. */
function writeMixture(path: string, tensors: readonly TensorSource[]): void {
  const groups = Map.groupBy(tensors, ({ name }) =>
    GGUF_NAMES.reduce((text, [from, to]) => text.replace(from, to), name),
  );
  let offset = 0;
  const parts: Uint8Array[] = [];
  const entries = [...groups].map(([name, found]) => {
    const [{ shape }] = found as [TensorSource];
    const bytes = Buffer.concat(found.map(({ data }) => encodeTensor('F32', data)));
    const entry = {
      name,
      sizes: [...shape.toReversed(), ...(name.includes('_exps') ? [found.length] : [])],
      offset,
    };
    parts.push(bytes, new Uint8Array(-bytes.length & 31));
    offset += bytes.length + (-bytes.length & 31);
    return entry;
  });
  const metadata = [
    field('general.architecture', 'qwen3moe'),
    field('qwen3moe.block_count', 2),
    field('qwen3moe.attention.head_count', 4),
    field('qwen3moe.attention.head_count_kv', 2),
    field('qwen3moe.expert_count', 3),
    field('qwen3moe.embedding_length', 8),
    field('qwen3moe.expert_feed_forward_length', 6),
  ];
  writeFileSync(path, ggufBytes({ metadata, tensors: entries, data: Buffer.concat(parts) }));
}

describe('diff of a mixture of experts and its GGUF', () => {
  const { config, tensors } = qwen3Moe(false);
  const apart = tensors.map(own);
  write('mixture', { config, tensors: apart });
  writeMixture(join(folder, 'mixture.gguf'), apart);

  it.each([
    ['mixture', 'mixture.gguf'],
    ['mixture.gguf', 'mixture'],
    ['qwen3-fused', 'mixture.gguf'],
  ])('%s and %s hold every expert', async (a, b) => {
    const { same, tensors: found } = await diff(a, b);
    // The fused model of the test above holds other numbers.
    expect(same).toBe(a !== 'qwen3-fused');
    expect(found.filter(({ status }) => status !== 'same' && status !== 'different')).toEqual([]);
    expect(found).toHaveLength(tensors.length);
  });
});

describe('diff of derived tensors', () => {
  it('finds one changed element of a fused tensor in its expert and module', async () => {
    const { config, tensors } = gptOss(false);
    const EXPERTS = 'model.layers.1.mlp.experts.gate_up_proj';
    // Expert 1, input 3, output 5: the up projection of unit 2.
    const changed = filled(
      tensors.find(({ name }) => name === EXPERTS)!,
      (i) => {
        return valueOf(`${EXPERTS}#${String(i)}`) + (i === 96 + 3 * 12 + 5 ? 1 : 0);
      },
    );
    write('oss', { config, tensors: tensors.map(own) });
    write('oss-changed', {
      config,
      tensors: tensors.map((each) => (each.name === EXPERTS ? changed : own(each))),
    });
    const { tensors: found } = await diff('oss', 'oss-changed');
    expect(found.filter(({ status }) => status !== 'same')).toMatchObject([
      { tensor: 'model.layers.1.mlp.experts.1.up_proj.weight', elements: 48, equalStored: 47 },
    ]);
  });

  it('multiplies 8-bit floats by the scale of their block', async () => {
    const [fp8, plain] = [deepseekV3(true), deepseekV3(false)];
    const byteOf = (name: string, i: number): number => Math.abs(valueOf(`${name}#${String(i)}`) * 8) % 120;
    const scaleOf = (name: string, i: number): number =>
      2 ** ((Math.abs(valueOf(`${name}#${String(i)}`) * 8) % 7) - 3);
    const isScaled = new Set(fp8.tensors.filter(({ dtype }) => dtype === 'F8_E4M3').map(({ name }) => name));
    const stored = fp8.tensors.map((tensor) => {
      if (tensor.dtype === 'F32') return filled(tensor, (i) => scaleOf(tensor.name, i));
      if (!isScaled.has(tensor.name)) return own(tensor);
      const data = Uint8Array.from({ length: elementsOf(tensor.shape) }, (_, i) => byteOf(tensor.name, i));
      return { ...tensor, data };
    });
    const dequantised = plain.tensors.map((tensor) => {
      if (!isScaled.has(tensor.name)) return own(tensor);
      const cols = tensor.shape[1]!;
      return filled(tensor, (i) => {
        const block = Math.floor(i / cols / 4) * Math.ceil(cols / 4) + Math.floor((i % cols) / 4);
        return e4m3(byteOf(tensor.name, i)) * scaleOf(`${tensor.name}_scale_inv`, block);
      });
    });
    write('fp8', { config: fp8.config, tensors: stored });
    write('dequantised', { config: plain.config, tensors: dequantised });
    // The scales are in the values, and no tensors that one side is without.
    const { same, tensors: found } = await diff('dequantised', 'fp8');
    expect([same, found.length]).toEqual([true, plain.tensors.length]);
    const scaled = await diff('fp8', 'fp8');
    expect([scaled.same, scaled.tensors.length]).toEqual([true, fp8.tensors.length]);
  });
});

/** A finite, positive 8-bit float with four bits of exponent, bias 7. */
function e4m3(byte: number): number {
  const [exponent, fraction] = [byte >> 3, (byte & 7) / 8];
  return exponent === 0 ? fraction * 2 ** -6 : (1 + fraction) * 2 ** (exponent - 7);
}
