import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { GgufHeader } from '../../../src-main/checkpoint/gguf/readGgufHeader.ts';
import { readGgufHeader } from '../../../src-main/checkpoint/gguf/readGgufHeader.ts';
import type { TensorInfo } from '../../../src-main/contract/checkpoint.ts';
import { caught } from '../../fixtures/caught.ts';
import { field, ggufBytes, ggufModel } from '../../fixtures/ggufBytes.ts';
import { tempFolder } from '../../fixtures/tempFolder.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures/gguf');
const fixture = (name: string): GgufHeader => readGgufHeader(join(FIXTURES, name));
const folder = tempFolder();

function write(bytes: Uint8Array): string {
  const path = join(folder, 'model.gguf');
  writeFileSync(path, bytes);
  return path;
}

const read = (bytes: Uint8Array): GgufHeader => readGgufHeader(write(bytes));
const named = ({ tensors }: GgufHeader, name: string): TensorInfo =>
  tensors.find((tensor) => tensor.name === name) ?? expect.fail(`no tensor ${name}`);
const names = ({ tensors }: GgufHeader): string[] => tensors.map(({ name }) => name);

describe('files that the library of llama.cpp wrote', () => {
  it.each([
    ['f32', 'F32', 1, 4],
    ['f16', 'F16', 1, 2],
    ['bf16', 'BF16', 1, 2],
    ['q4_0', 'Q4_0', 32, 18],
    ['q4_1', 'Q4_1', 32, 20],
    ['q5_0', 'Q5_0', 32, 22],
    ['q5_1', 'Q5_1', 32, 24],
    ['q8_0', 'Q8_0', 32, 34],
    ['q2_k', 'Q2_K', 256, 84],
    ['q3_k', 'Q3_K', 256, 110],
    ['q4_k', 'Q4_K', 256, 144],
    ['q5_k', 'Q5_K', 256, 176],
    ['q6_k', 'Q6_K', 256, 210],
  ])('%s has its type, shape and bytes', (file, dtype, elements, bytes) => {
    const { tensors, size, warnings } = fixture(`${file}.gguf`);
    expect(warnings).toEqual([]);
    const described = tensors.map(({ offset: _, file: __, ...rest }) => rest);
    const common = { dtype, shape: [2, 512], bytes: (1024 / elements) * bytes };
    expect(described).toEqual([
      { name: 'model.layers.0.mlp.up_proj.weight', ...common },
      { name: 'model.layers.0.mlp.down_proj.weight', ...common },
    ]);
    const [up, down] = tensors;
    // The writer pads each tensor to 32 bytes, the last one as well.
    const padded = Math.ceil(common.bytes / 32) * 32;
    expect(down?.offset).toBe((up?.offset ?? 0) + padded);
    expect(size).toBe((down?.offset ?? 0) + padded);
    expect(readFileSync(join(FIXTURES, `${file}.f32`))).toHaveLength(2048 * 4);
  });

  it('finds the first byte of a tensor', () => {
    const bytes = readFileSync(join(FIXTURES, 'f32.gguf'));
    const expected = readFileSync(join(FIXTURES, 'f32.f32'));
    const found = fixture('f32.gguf').tensors.map(({ offset, bytes: count }) =>
      bytes.subarray(offset, offset + count),
    );
    expect(Buffer.concat(found).equals(expected)).toBe(true);
  });

  it('reads metadata of every type and passes over what is long', () => {
    const { metadata, config, tensors } = fixture('metadata.gguf');
    expect(config).toBeNull();
    expect(tensors.map(({ name, shape }) => [name, shape])).toEqual([['kept.weight', [3]]]);
    const values = {
      u8: 200,
      i8: -100,
      u16: 60_000,
      i16: -30_000,
      u32: 4_000_000_000,
      i32: -2_000_000_000,
      u64: 2 ** 53 - 1,
      i64: -(2 ** 53 - 1),
    };
    for (const [type, value] of Object.entries(values)) {
      expect(metadata.get(`value.${type}`)).toBe(value);
      expect(metadata.get(`array.${type}`)).toEqual({ length: 3, numbers: [value, value, value] });
    }
    for (const [type, value] of Object.entries({ f32: 0.5, f64: 1e300, bool: true, str: 'Größe' })) {
      expect(metadata.get(`value.${type}`)).toBe(value);
      expect(metadata.get(`array.${type}`)).toEqual({ length: 3, numbers: null });
    }
    expect(metadata.get('large.u64')).toBeNull();
    expect(metadata.get('long.str')).toBeNull();
    expect(metadata.get('long.i32')).toEqual({ length: 600, numbers: null });
    expect(metadata.get('empty.i32')).toEqual({ length: 0, numbers: [] });
  });
});

describe('names and shapes', () => {
  const layer = {
    'blk.7.attn_norm.weight': [8],
    'blk.7.attn_q.weight': [8, 4],
    'blk.7.ffn_norm.weight': [8],
  };

  it('gives row-major shapes: the contiguous dimension last', () => {
    const header = read(ggufModel('qwen3', {}, layer));
    expect(named(header, 'model.layers.7.self_attn.q_proj.weight').shape).toEqual([4, 8]);
  });

  it('has the norms of Gemma 2 and 3 where Hugging Face has them, and says that they are shifted', () => {
    const norms = {
      ...layer,
      'blk.7.post_attention_norm.weight': [8],
      'blk.7.post_ffw_norm.weight': [8],
      'blk.7.attn_q_norm.weight': [8],
      'output_norm.weight': [8],
    };
    const header = read(ggufModel('gemma3', {}, norms));
    const opaque = header.tensors.filter((tensor) => tensor.opaque !== undefined);
    expect(opaque.map(({ name }) => name)).toEqual([
      'model.layers.7.input_layernorm.weight',
      'model.layers.7.pre_feedforward_layernorm.weight',
      'model.layers.7.post_attention_layernorm.weight',
      'model.layers.7.post_feedforward_layernorm.weight',
      'model.layers.7.self_attn.q_norm.weight',
      'model.norm.weight',
    ]);
    expect(named(header, 'model.layers.7.self_attn.q_proj.weight').opaque).toBeUndefined();
    expect(names(read(ggufModel('gemma', {}, layer)))).toContain(
      'model.layers.7.post_attention_layernorm.weight',
    );
  });

  it('leaves experts fused, under a name without a number', () => {
    const experts = {
      'blk.0.ffn_gate_inp.weight': [8, 3],
      'blk.0.ffn_gate_exps.weight': [8, 6, 3],
      'blk.0.ffn_down_exps.weight': [6, 8, 3],
    };
    const qwen = read(ggufModel('qwen3moe', { expert_count: 3, expert_feed_forward_length: 6 }, experts));
    expect(named(qwen, 'model.layers.0.mlp.experts.gate_proj').shape).toEqual([3, 6, 8]);
    expect(named(qwen, 'model.layers.0.mlp.experts.down_proj').shape).toEqual([3, 8, 6]);
    expect(named(qwen, 'model.layers.0.mlp.gate.weight').shape).toEqual([3, 8]);
    expect(qwen.config).toMatchObject({ modelType: 'qwen3_moe', experts: 3, expertIntermediateSize: 6 });
    const mixtral = read(
      ggufModel('llama', { expert_count: 3 }, { ...experts, 'blk.1.ffn_up.2.weight': [8, 6] }),
    );
    expect(mixtral.config?.modelType).toBe('mixtral');
    expect(names(mixtral)).toEqual([
      'model.layers.0.block_sparse_moe.gate.weight',
      'model.layers.0.block_sparse_moe.experts.w1',
      'model.layers.0.block_sparse_moe.experts.w2',
      'model.layers.1.block_sparse_moe.experts.2.w3.weight',
    ]);
    expect(mixtral.warnings).toEqual([]);
  });

  it('knows the fused matrices of Phi-3', () => {
    const header = read(
      ggufModel('phi3', {}, { 'blk.0.attn_qkv.weight': [8, 24], 'blk.0.ffn_up.weight': [8, 32] }),
    );
    expect(names(header)).toEqual([
      'model.layers.0.self_attn.qkv_proj.weight',
      'model.layers.0.mlp.gate_up_proj.weight',
    ]);
  });

  it('turns the matrices of GPT-2 back, in which rows are inputs', () => {
    const tensors = { 'blk.0.attn_qkv.weight': [4, 12], 'token_embd.weight': [4, 9] };
    const header = read(ggufModel('gpt2', {}, tensors));
    const matrix = named(header, 'transformer.h.0.attn.c_attn.weight');
    expect(matrix.shape).toEqual([4, 12]);
    expect(matrix.derived).toMatchObject({
      rows: { sizes: [4], strides: [1] },
      cols: { sizes: [12], strides: [4] },
    });
    expect(named(header, 'transformer.wte.weight')).toMatchObject({ shape: [9, 4] });
    expect(named(header, 'transformer.wte.weight').derived).toBeUndefined();
  });

  it('keeps unknown names and counts them', () => {
    const header = read(ggufModel('qwen2', {}, { ...layer, 'blk.7.strange.weight': [8], other: [8] }));
    expect(names(header).slice(-2)).toEqual(['blk.7.strange.weight', 'other']);
    expect(header.warnings).toHaveLength(1);
    expect(header.warnings[0]).toMatch(/^2 tensors keep their GGUF names.*"qwen2".*"blk.7.strange.weight"/);
    const unknown = read(ggufModel('novel', { block_count: 8 }, layer));
    expect(names(unknown)).toEqual(Object.keys(layer));
    expect(unknown.warnings[0]).toContain('3 tensors keep');
    expect(unknown.config).toMatchObject({ modelType: 'novel', layers: 8 });
  });

  it('takes rotary tables for what they are, without a warning', () => {
    expect(read(ggufModel('llama', {}, { 'rope_freqs.weight': [8] })).warnings).toEqual([]);
  });

  it('refuses two tensors that stand for one', () => {
    const twice = { 'token_embd.weight': [8, 2], 'model.embed_tokens.weight': [8, 2] };
    const error = caught(() => read(ggufModel('qwen2', {}, twice)));
    expect(error.code).toBe('gguf-damaged');
    expect(error.message).toContain('both stand for "model.embed_tokens.weight"');
  });
});

describe('configuration', () => {
  const layout = {
    block_count: 2,
    embedding_length: 32,
    feed_forward_length: 48,
    'attention.head_count': 4,
    'attention.head_count_kv': 2,
  };

  it('reads the layout of the llama fixture', () => {
    expect(fixture('llama.gguf').config).toEqual({
      modelType: 'llama',
      architecture: null,
      layers: 2,
      hiddenSize: 32,
      attentionHeads: 4,
      keyValueHeads: 2,
      headDim: 8,
      vocabularySize: 40,
      tiedEmbeddings: true,
      scaleBlock: null,
      experts: null,
      intermediateSize: 48,
      expertIntermediateSize: null,
    });
  });

  it('takes the head size from the width where it is not stated, and the vocabulary from the embedding', () => {
    const tensors = { 'token_embd.weight': [32, 40], 'output.weight': [32, 40] };
    const { config } = read(ggufModel('qwen2', layout, tensors));
    expect(config).toMatchObject({ headDim: 8, vocabularySize: 40, tiedEmbeddings: false });
  });

  it('takes a number that all layers share, and none where they differ', () => {
    const perLayer = { ...layout, 'attention.head_count': [4, 4], 'attention.head_count_kv': [2, 1] };
    const { config } = read(ggufModel('qwen2', perLayer, {}));
    expect(config).toMatchObject({ attentionHeads: 4, keyValueHeads: null });
  });

  it('is silent on what is no positive number', () => {
    const { config } = read(ggufModel('qwen2', { block_count: 0, embedding_length: 'wide' }, {}));
    expect(config).toMatchObject({ layers: null, hiddenSize: null, vocabularySize: null });
  });
});

describe('files of a split model', () => {
  it('reads the others by the metadata of the first, and does not judge tied embeddings by one of them', () => {
    const first = read(ggufModel('llama', { 'attention.head_count': 2 }, {}));
    const second = ggufBytes({
      metadata: [field('split.no', 1), field('split.count', 2)],
      tensors: [{ name: 'blk.0.attn_q.weight', sizes: [4, 8] }],
      data: new Uint8Array(128),
    });
    const alone = read(second);
    expect(alone.config).toBeNull();
    expect(names(alone)).toEqual(['blk.0.attn_q.weight']);
    const together = readGgufHeader(write(second), first.metadata);
    expect(named(together, 'model.layers.0.self_attn.q_proj.weight').derived).toMatchObject({
      rows: { sizes: [2, 2, 2], strides: [16, 4, 8] },
    });
    const split = ggufBytes({ metadata: [field('general.architecture', 'llama'), field('split.count', 2)] });
    expect(read(split).config?.tiedEmbeddings).toBeNull();
  });
});

describe('versions and alignment', () => {
  it.each([2, 3])('reads version %i', (version) => {
    expect(read(ggufBytes({ version })).tensors).toEqual([]);
  });

  it.each([1, 8, 64, 4096])('starts the data at a multiple of %i', (alignment) => {
    const header = read(
      ggufBytes({
        metadata: [field('general.alignment', alignment)],
        alignment,
        tensors: [
          { name: 'a', sizes: [1], offset: alignment * 4 },
          { name: 'b', sizes: [1] },
        ],
        data: new Uint8Array(alignment * 4 + 4),
      }),
    );
    expect(names(header)).toEqual(['b', 'a']);
    expect((header.tensors[0]?.offset ?? 1) % alignment).toBe(0);
    expect((header.tensors[1]?.offset ?? 0) + 4).toBe(header.size);
  });
});
