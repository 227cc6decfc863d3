import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LogicalTensor } from '../../src-main/architecture/logicalTensors.ts';
import { logicalTensors } from '../../src-main/architecture/logicalTensors.ts';
import type { Checkpoint } from '../../src-main/contract/checkpoint.ts';
import type { TensorSource } from '../fixtures/checkpoints.ts';
import { blank, elementSources } from '../fixtures/elementSources.ts';
import { inMemory } from '../fixtures/inMemory.ts';

type Config = Readonly<Record<string, unknown>>;

/** Four heads of two over eight inputs; two heads for keys and values. */
const ATTENTION = { hidden_size: 8, num_attention_heads: 4, num_key_value_heads: 2 };
const EVEN = { hidden_size: 8, num_attention_heads: 4 };
/** Three experts of six over eight inputs. */
const EXPERTS = { hidden_size: 8, num_experts: 3, moe_intermediate_size: 6, intermediate_size: 20 };

type Place = (i: number, j: number) => number;

interface Layout {
  readonly title: string;
  readonly config: Config;
  readonly stored: string;
  readonly shape: readonly number[];
  /** Name and shape of each part, and which stored element its element (i, j) is, or i of a vector. */
  readonly parts: readonly (readonly [name: string, shape: readonly number[], place: Place])[];
}

const rowsFrom =
  (first: number, cols: number): Place =>
  (i, j) =>
    (first + i) * cols + j;

/** Attention in the order (heads, 3, size) of size 2, over 8 inputs: which of the three. */
const byHead =
  (which: number): Place =>
  (i, j) =>
    ((Math.floor(i / 2) * 3 + which) * 2 + (i % 2)) * 8 + j;

/** Attention in groups (2, 2 queries + key + value, size 2). */
const queryInGroup: Place = (i, j) => {
  const [head, d] = [Math.floor(i / 2), i % 2];
  const [group, member] = [Math.floor(head / 2), head % 2];
  return ((group * 4 + member) * 2 + d) * 8 + j;
};
const ofGroup =
  (member: number): Place =>
  (i, j) =>
    ((Math.floor(i / 2) * 4 + member) * 2 + (i % 2)) * 8 + j;

const ATTENTION_LAYOUTS: readonly Layout[] = [
  {
    title: 'Phi-3: queries, keys, values',
    config: { ...ATTENTION, model_type: 'phi3' },
    stored: 'model.layers.0.self_attn.qkv_proj.weight',
    shape: [16, 8],
    parts: [
      ['model.layers.0.self_attn.q_proj.weight', [8, 8], rowsFrom(0, 8)],
      ['model.layers.0.self_attn.k_proj.weight', [4, 8], rowsFrom(8, 8)],
      ['model.layers.0.self_attn.v_proj.weight', [4, 8], rowsFrom(12, 8)],
    ],
  },
  {
    title: 'Phi-3 under an adapter',
    config: { ...ATTENTION, model_type: 'phi3' },
    stored: 'model.layers.0.self_attn.qkv_proj.base_layer.weight',
    shape: [16, 8],
    parts: [
      ['model.layers.0.self_attn.q_proj.base_layer.weight', [8, 8], rowsFrom(0, 8)],
      ['model.layers.0.self_attn.k_proj.base_layer.weight', [4, 8], rowsFrom(8, 8)],
      ['model.layers.0.self_attn.v_proj.base_layer.weight', [4, 8], rowsFrom(12, 8)],
    ],
  },
  {
    title: 'GPT-NeoX: head by head',
    config: { ...EVEN, model_type: 'gpt_neox' },
    stored: 'gpt_neox.layers.0.attention.query_key_value.weight',
    shape: [24, 8],
    parts: [
      ['gpt_neox.layers.0.attention.q_proj.weight', [8, 8], byHead(0)],
      ['gpt_neox.layers.0.attention.k_proj.weight', [8, 8], byHead(1)],
      ['gpt_neox.layers.0.attention.v_proj.weight', [8, 8], byHead(2)],
    ],
  },
  {
    title: 'GPT-NeoX: biases head by head',
    config: { ...EVEN, model_type: 'gpt_neox' },
    stored: 'gpt_neox.layers.0.attention.query_key_value.bias',
    shape: [24],
    parts: [
      ['gpt_neox.layers.0.attention.q_proj.bias', [8], (i) => Math.floor(i / 2) * 6 + (i % 2)],
      ['gpt_neox.layers.0.attention.k_proj.bias', [8], (i) => Math.floor(i / 2) * 6 + 2 + (i % 2)],
      ['gpt_neox.layers.0.attention.v_proj.bias', [8], (i) => Math.floor(i / 2) * 6 + 4 + (i % 2)],
    ],
  },
  {
    title: 'Falcon 40B: group by group',
    config: { hidden_size: 8, num_attention_heads: 4, num_kv_heads: 2, model_type: 'falcon' },
    stored: 'transformer.h.0.self_attention.query_key_value.weight',
    shape: [16, 8],
    parts: [
      ['transformer.h.0.self_attention.q_proj.weight', [8, 8], queryInGroup],
      ['transformer.h.0.self_attention.k_proj.weight', [4, 8], ofGroup(2)],
      ['transformer.h.0.self_attention.v_proj.weight', [4, 8], ofGroup(3)],
    ],
  },
  {
    title: 'Falcon 7B: one key and one value, though it declares more',
    config: { hidden_size: 8, num_attention_heads: 4, num_kv_heads: 4, model_type: 'falcon' },
    stored: 'transformer.h.0.self_attention.query_key_value.weight',
    shape: [12, 8],
    parts: [
      ['transformer.h.0.self_attention.q_proj.weight', [8, 8], rowsFrom(0, 8)],
      ['transformer.h.0.self_attention.k_proj.weight', [2, 8], rowsFrom(8, 8)],
      ['transformer.h.0.self_attention.v_proj.weight', [2, 8], rowsFrom(10, 8)],
    ],
  },
  {
    title: 'InternLM2: group by group',
    config: { ...ATTENTION, model_type: 'internlm2' },
    stored: 'model.layers.0.attention.wqkv.weight',
    shape: [16, 8],
    parts: [
      ['model.layers.0.attention.q_proj.weight', [8, 8], queryInGroup],
      ['model.layers.0.attention.k_proj.weight', [4, 8], ofGroup(2)],
      ['model.layers.0.attention.v_proj.weight', [4, 8], ofGroup(3)],
    ],
  },
  {
    title: 'GPT-2: columns of (inputs, outputs)',
    config: { n_embd: 8, n_head: 4, model_type: 'gpt2' },
    stored: 'h.0.attn.c_attn.weight',
    shape: [8, 24],
    parts: [
      ['h.0.attn.q_proj.weight', [8, 8], (i, j) => i * 24 + j],
      ['h.0.attn.k_proj.weight', [8, 8], (i, j) => i * 24 + 8 + j],
      ['h.0.attn.v_proj.weight', [8, 8], (i, j) => i * 24 + 16 + j],
    ],
  },
  {
    title: 'GPT-2: biases',
    config: { n_embd: 8, n_head: 4, model_type: 'gpt2' },
    stored: 'h.0.attn.c_attn.bias',
    shape: [24],
    parts: [
      ['h.0.attn.q_proj.bias', [8], (i) => i],
      ['h.0.attn.k_proj.bias', [8], (i) => 8 + i],
      ['h.0.attn.v_proj.bias', [8], (i) => 16 + i],
    ],
  },
  {
    title: 'StarCoder: one key and one value',
    config: { n_embd: 8, n_head: 4, model_type: 'gpt_bigcode' },
    stored: 'transformer.h.0.attn.c_attn.weight',
    shape: [12, 8],
    parts: [
      ['transformer.h.0.attn.q_proj.weight', [8, 8], rowsFrom(0, 8)],
      ['transformer.h.0.attn.k_proj.weight', [2, 8], rowsFrom(8, 8)],
      ['transformer.h.0.attn.v_proj.weight', [2, 8], rowsFrom(10, 8)],
    ],
  },
  ...(
    [
      ['baichuan', 'model.layers.0.self_attn', 'W_pack'],
      ['mpt', 'transformer.blocks.0.attn', 'Wqkv'],
      ['qwen', 'transformer.h.0.attn', 'c_attn'],
    ] as const
  ).map(([type, at, module]): Layout => {
    return {
      title: `${type}: queries, keys, values`,
      config: { ...EVEN, model_type: type },
      stored: `${at}.${module}.weight`,
      shape: [24, 8],
      parts: ['q', 'k', 'v'].map((part, i) => [`${at}.${part}_proj.weight`, [8, 8], rowsFrom(8 * i, 8)]),
    };
  }),
  {
    title: 'torch: three square matrices of any model',
    config: {},
    stored: 'visual.attn.in_proj_weight',
    shape: [12, 4],
    parts: ['q', 'k', 'v'].map((part, i) => [`visual.attn.${part}_proj.weight`, [4, 4], rowsFrom(4 * i, 4)]),
  },
];

const FEED_FORWARD_LAYOUTS: readonly Layout[] = [
  {
    title: 'Phi-3: gate, then up',
    config: { hidden_size: 8, intermediate_size: 6, model_type: 'phi3' },
    stored: 'model.layers.0.mlp.gate_up_proj.weight',
    shape: [12, 8],
    parts: [
      ['model.layers.0.mlp.gate_proj.weight', [6, 8], rowsFrom(0, 8)],
      ['model.layers.0.mlp.up_proj.weight', [6, 8], rowsFrom(6, 8)],
    ],
  },
];

const EXPERT = 8 * 12;
const each = (
  parts: (expert: number) => readonly (readonly [string, readonly number[], Place])[],
): Layout['parts'] =>
  [0, 1, 2].flatMap((expert) =>
    parts(expert).map(([name, shape, place]) => {
      return [`model.layers.0.mlp.experts.${String(expert)}.${name}`, shape, place] as const;
    }),
  );

const EXPERT_LAYOUTS: readonly Layout[] = [
  {
    title: 'Qwen3-MoE of transformers 5: gates above ups',
    config: { ...EXPERTS, model_type: 'qwen3_moe' },
    stored: 'model.layers.0.mlp.experts.gate_up_proj',
    shape: [3, 12, 8],
    parts: each((e) => [
      ['gate_proj.weight', [6, 8], (i, j) => e * EXPERT + i * 8 + j],
      ['up_proj.weight', [6, 8], (i, j) => e * EXPERT + (6 + i) * 8 + j],
    ]),
  },
  {
    title: 'Qwen3-MoE of transformers 5: down',
    config: { ...EXPERTS, model_type: 'qwen3_moe' },
    stored: 'model.layers.0.mlp.experts.down_proj',
    shape: [3, 8, 6],
    parts: each((e) => [['down_proj.weight', [8, 6], (i, j) => e * 48 + i * 6 + j]]),
  },
  {
    title: 'Llama 4: gates left of ups',
    config: { hidden_size: 8, num_local_experts: 3, intermediate_size: 6, model_type: 'llama4' },
    stored: 'model.layers.0.mlp.experts.gate_up_proj',
    shape: [3, 8, 12],
    parts: each((e) => [
      ['gate_proj.weight', [8, 6], (i, j) => e * EXPERT + i * 12 + j],
      ['up_proj.weight', [8, 6], (i, j) => e * EXPERT + i * 12 + 6 + j],
    ]),
  },
  {
    title: 'GPT-OSS: gates and ups by turns',
    config: { hidden_size: 8, num_local_experts: 3, intermediate_size: 6, model_type: 'gpt_oss' },
    stored: 'model.layers.0.mlp.experts.gate_up_proj',
    shape: [3, 8, 12],
    parts: each((e) => [
      ['gate_proj.weight', [8, 6], (i, j) => e * EXPERT + i * 12 + 2 * j],
      ['up_proj.weight', [8, 6], (i, j) => e * EXPERT + i * 12 + 2 * j + 1],
    ]),
  },
  {
    title: 'GPT-OSS: biases by turns',
    config: { hidden_size: 8, num_local_experts: 3, intermediate_size: 6, model_type: 'gpt_oss' },
    stored: 'model.layers.0.mlp.experts.gate_up_proj_bias',
    shape: [3, 12],
    parts: each((e) => [
      ['gate_proj.bias', [6], (i) => e * 12 + 2 * i],
      ['up_proj.bias', [6], (i) => e * 12 + 2 * i + 1],
    ]),
  },
  {
    title: 'experts stacked but not fused, as in GGUF',
    config: { ...EXPERTS, model_type: 'qwen3_moe' },
    stored: 'model.layers.0.mlp.experts.up_proj',
    shape: [3, 6, 8],
    parts: each((e) => [['up_proj.weight', [6, 8], (i, j) => e * 48 + i * 8 + j]]),
  },
];

function partsOf({ config, stored, shape }: Layout): { checkpoint: Checkpoint; logical: LogicalTensor[] } {
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
