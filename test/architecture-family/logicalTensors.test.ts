import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LogicalTensor } from '../../src-main/architecture/logicalTensors.ts';
import { logicalTensors } from '../../src-main/architecture/logicalTensors.ts';
import type { Checkpoint } from '../../src-main/contract/checkpoint.ts';
import type { TensorSource } from '../fixtures/checkpoints.ts';
import { blank, elementSources } from '../fixtures/elementSources.ts';
import type { Config, FusedLayout } from '../fixtures/fusedLayouts.ts';
import {
  ATTENTION,
  ATTENTION_LAYOUTS,
  EVEN,
  EXPERT_LAYOUTS,
  EXPERTS,
  FEED_FORWARD_LAYOUTS,
} from '../fixtures/fusedLayouts.ts';
import { inMemory } from '../fixtures/inMemory.ts';

function partsOf({ config, stored, shape }: FusedLayout): {
  checkpoint: Checkpoint;
  logical: LogicalTensor[];
} {
  const checkpoint = inMemory([blank('before', [3]), blank(stored, shape)], config);
  return { checkpoint, logical: logicalTensors(checkpoint).slice(1) };
}

describe.each([...ATTENTION_LAYOUTS, ...FEED_FORWARD_LAYOUTS, ...EXPERT_LAYOUTS])('$title', (layout) => {
  const { checkpoint, logical } = partsOf(layout);

  it('comes apart under the names of the unfused layout', () => {
    expect(logical.map(({ info }) => [info.name, info.shape])).toEqual(
      layout.parts.map(([name, shape]) => [name, shape]),
    );
    for (const { note } of logical) expect(note).toContain(`of "${layout.stored}"`);
  });

  it('element by element', () => {
    for (const [k, [, shape, place]] of layout.parts.entries()) {
      const [rows, cols] = shape.length === 1 ? [shape[0]!, 1] : [shape[0]!, shape[1]!];
      const expected = Array.from({ length: rows * cols }, (_, n) => {
        return `${layout.stored}#${String(place(Math.floor(n / cols), n % cols))}`;
      });
      expect(elementSources(logical[k]!.info, checkpoint.tensors)).toEqual(expected);
    }
  });
});

describe('a contiguous part', () => {
  it('is a stored tensor at another place', () => {
    const { checkpoint, logical } = partsOf(ATTENTION_LAYOUTS[0]!);
    const [, stored] = checkpoint.tensors;
    expect(logical[1]!.info).toEqual({
      ...stored,
      name: 'model.layers.0.self_attn.k_proj.weight',
      shape: [4, 8],
      offset: stored!.offset + 8 * 8 * 2,
      bytes: 4 * 8 * 2,
    });
    expect(logical[1]!.note).toBe('rows 8 to 11 of "model.layers.0.self_attn.qkv_proj.weight"');
  });
});

describe('a fused tensor is left whole with its reason', () => {
  const QKV = 'model.layers.0.self_attn.qkv_proj.weight';
  const EXPERTS_NAME = 'model.layers.0.mlp.experts.gate_up_proj';
  it.each<[string, Config | null, TensorSource, RegExp]>([
    ['without a config', null, blank(QKV, [16, 8]), /no config.json/],
    [
      'of an unknown model',
      { ...ATTENTION, model_type: 'codegen' },
      blank(QKV, [16, 8]),
      /not known for model type "codegen"/,
    ],
    [
      'of other heads',
      { ...ATTENTION, model_type: 'phi3' },
      blank(QKV, [24, 8]),
      /24 outputs are not 4 heads of 2 with 2/,
    ],
    ['of another width', { ...ATTENTION, model_type: 'phi3' }, blank(QKV, [16, 4]), /not that of 8 inputs/],
    ['without sizes of heads', { hidden_size: 8, model_type: 'phi3' }, blank(QKV, [16, 8]), /does not give/],
    [
      'of another intermediate size',
      { hidden_size: 8, intermediate_size: 5, model_type: 'phi3' },
      blank('model.layers.0.mlp.gate_up_proj.weight', [12, 8]),
      /not twice the intermediate size/,
    ],
    [
      'of another number of experts',
      { ...EXPERTS, model_type: 'qwen3_moe' },
      blank(EXPERTS_NAME, [4, 12, 8]),
      /of the 3 experts/,
    ],
    [
      'of experts in an unknown order',
      { ...EXPERTS, model_type: 'new_moe' },
      blank(EXPERTS_NAME, [3, 12, 8]),
      /order of gate and up/,
    ],
    [
      'of experts that could lie either way',
      { ...EXPERTS, moe_intermediate_size: 4, model_type: 'qwen3_vl_moe' },
      blank(EXPERTS_NAME, [3, 8, 8]),
      /does not tell whether rows or columns/,
    ],
    [
      'of experts that config.json does not know',
      { model_type: 'qwen3_moe' },
      blank(EXPERTS_NAME, [3, 12, 8]),
      /does not give/,
    ],
  ])('%s', (_, config, tensor, reason) => {
    const [logical, ...others] = logicalTensors(inMemory([tensor], config));
    expect(others).toEqual([]);
    expect(logical!.info.name).toBe(tensor.name);
    expect(logical!.note).toMatch(/^left whole: /);
    expect(logical!.note).toMatch(reason);
  });

  it('where its part is stored as well', () => {
    const names = ['qkv_proj', 'k_proj'].map((module) => `model.layers.0.self_attn.${module}.weight`);
    const checkpoint = inMemory([blank(names[0]!, [16, 8]), blank(names[1]!, [4, 8])], {
      ...ATTENTION,
      model_type: 'phi3',
    });
    const logical = logicalTensors(checkpoint);
    expect(logical.map(({ info }) => info.name)).toEqual(names);
    expect(logical[0]!.note).toBe(`left whole: "${names[1]!}" is stored as well`);
  });
});

describe('a GGUF file', () => {
  const gguf = (tensor: TensorSource, config: Config): LogicalTensor[] =>
    logicalTensors({ ...inMemory([tensor], config), format: 'gguf' });

  it('has queries, keys and values one after the other, whatever the model', () => {
    const config = { ...EVEN, model_type: 'bloom' };
    const logical = gguf(blank('model.layers.0.self_attn.qkv_proj.weight', [24, 8]), config);
    expect(logical.map(({ info }) => info.derived)).toEqual([undefined, undefined, undefined]);
    expect(logical.map(({ note }) => note?.slice(0, 15))).toEqual([
      'rows 0 to 7 of ',
      'rows 8 to 15 of',
      'rows 16 to 23 o',
    ]);
  });

  it('has the outputs of experts in rows, and Mixtral calls them w1, w2, w3', () => {
    const config = { hidden_size: 8, num_local_experts: 3, intermediate_size: 8, model_type: 'unknown' };
    const logical = gguf(blank('model.layers.0.block_sparse_moe.experts.w2', [3, 8, 8]), config);
    expect(logical.map(({ info, outputs }) => [info.name, info.shape, outputs])).toEqual(
      [0, 1, 2].map((e) => [
        `model.layers.0.block_sparse_moe.experts.${String(e)}.w2.weight`,
        [8, 8],
        'rows',
      ]),
    );
  });
});

describe('a hostile file', () => {
  it('cannot make more parts than any model has', () => {
    const config = { hidden_size: 1, num_experts: 8000, moe_intermediate_size: 1, model_type: 'qwen3_moe' };
    const names = Array.from({ length: 130 }, (_, i) => `model.layers.${String(i)}.mlp.experts.down_proj`);
    const checkpoint = inMemory(
      names.map((name) => ({ name, dtype: 'BF16', shape: [8000, 1, 1], data: new Uint8Array(16_000) })),
      config,
    );
    const logical = logicalTensors(checkpoint);
    expect(logical).toHaveLength(125 * 8000 + 5);
    expect(logical.at(-1)!.note).toBe('left whole: the checkpoint has too many parts');
    const more = inMemory([blank('a.experts.down_proj', [9000, 1, 1])], { ...config, num_experts: 9000 });
    expect(logicalTensors(more)).toHaveLength(1);
  });
});

describe('experts with equal sides', () => {
  const config = { ...EXPERTS, moe_intermediate_size: 4, model_type: 'qwen3_vl_moe' };
  const names = ['gate_up_proj', 'down_proj'].map((module) => `model.layers.0.mlp.experts.${module}`);
  it.each([
    ['rows', [8, 4]],
    ['columns', [4, 8]],
  ] as const)('lie as the other tensors of their layer tell: outputs in %s', (axis, down) => {
    const checkpoint = inMemory([blank(names[0]!, [3, 8, 8]), blank(names[1]!, [3, ...down])], config);
    const logical = logicalTensors(checkpoint);
    expect(logical).toHaveLength(9);
    expect(logical.every(({ outputs }) => outputs === axis)).toBe(true);
    expect(logical[0]!.info.shape).toEqual(axis === 'rows' ? [4, 8] : [8, 4]);
  });
});

describe('every stored element', () => {
  const count = fc.integer({ min: 1, max: 4 });
  const model = fc.record({
    type: fc.constantFrom(
      'phi3',
      'gpt_neox',
      'falcon',
      'gpt2',
      'mpt',
      'internlm2',
      'qwen3_moe',
      'llama4',
      'gpt_oss',
      'x',
    ),
    groups: count,
    each: count,
    size: count,
    inner: count,
    experts: count,
    off: fc.constantFrom(0, 0, 0, 1),
    dtype: fc.constantFrom('BF16', 'F8_E4M3', 'I8'),
  });

  it('is in exactly one logical tensor, whatever fits together', () => {
    fc.assert(
      fc.property(model, ({ type, groups, each: queries, size, inner, experts, off, dtype }) => {
        const heads = groups * queries;
        const hidden = heads * size;
        const outputs = (heads + 2 * groups) * size + off;
        const at = 'model.layers.0.a';
        const tensors = [
          ...['qkv_proj', 'query_key_value', 'Wqkv', 'wqkv', 'W_pack'].map((module) =>
            blank(`${at}.${module}.weight`, [outputs, hidden], dtype),
          ),
          blank(`${at}.wqkv.weight_scale`, [1], 'F32'),
          blank(`${at}.qkv_proj.weight_scale`, [outputs, 1], 'F32'),
          blank(`${at}.query_key_value.bias`, [outputs]),
          blank('h.0.c_attn.weight', [hidden, outputs], dtype),
          blank('h.0.in_proj_weight', [3 * hidden, hidden]),
          blank('model.layers.0.mlp.gate_up_proj.weight', [2 * inner + off, hidden], dtype),
          blank('b.experts.gate_up_proj', [experts, 2 * inner, hidden + off], dtype),
          blank('b.experts.gate_up_proj_scale_inv', [experts, 1, 1], 'F32'),
          blank('b.experts.down_proj', [experts, hidden + off, inner], dtype),
          blank('c.experts.gate_up_proj', [experts, hidden, 2 * inner], dtype),
          blank('c.experts.gate_up_proj_bias', [experts, 2 * inner]),
          blank('c.experts.down_proj', [experts, inner, hidden], dtype),
        ];
        const checkpoint = inMemory(tensors, {
          model_type: type,
          hidden_size: hidden,
          num_attention_heads: heads,
          num_key_value_heads: groups,
          head_dim: size,
          intermediate_size: inner,
          num_experts: experts,
        });
        const logical = logicalTensors(checkpoint).map(({ info }) => info);
        const found = logical.flatMap((info) => elementSources(info, checkpoint.tensors)).sort();
        const all = checkpoint.tensors.flatMap((info) => elementSources(info, checkpoint.tensors)).sort();
        expect(found).toEqual(all);
        expect(new Set(logical.map(({ name }) => name)).size).toBe(logical.length);
      }),
      { numRuns: 300 },
    );
  }, 60_000);
});
