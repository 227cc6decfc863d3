import { describe, expect, it } from 'vitest';
import { alignCheckpoints } from '../../src-main/architecture/alignCheckpoints.ts';
import { describeTensors } from '../../src-main/architecture/describeTensors.ts';
import type { AlignedTensor, Alignment } from '../../src-main/contract/alignment.ts';
import { Alignment as AlignmentSchema } from '../../src-main/contract/alignment.ts';
import type { Checkpoint } from '../../src-main/contract/checkpoint.ts';
import { blank, elementSources, scaleSources } from '../fixtures/elementSources.ts';
import { inMemory } from '../fixtures/inMemory.ts';
import type { SmallModel } from '../fixtures/mixtureLayouts.ts';
import { deepseekV3, gpt2, gptOss, llama4, mixtral, phi3, qwen3Moe } from '../fixtures/mixtureLayouts.ts';
import { llamaLayout, modelLayout } from '../fixtures/modelLayouts.ts';

const opened = ({ config, tensors }: SmallModel, title: string): Checkpoint =>
  inMemory(tensors, config, title);

/** Aligns, and checks that every stored element of either side is in exactly one row. */
function align(reference: Checkpoint, variant: Checkpoint): Alignment {
  const alignment = alignCheckpoints(reference, variant);
  expect(AlignmentSchema.parse(alignment)).toEqual(alignment);
  for (const [side, { tensors }] of [
    ['reference', reference],
    ['variant', variant],
  ] as const) {
    const found = alignment.tensors.flatMap((row) => {
      const info = row[side];
      return info === null ? [] : elementSources(info, tensors);
    });
    expect(found.sort()).toEqual(tensors.flatMap((info) => elementSources(info, tensors)).sort());
  }
  return alignment;
}

const row = ({ tensors }: Alignment, name: string): AlignedTensor => {
  const found = tensors.find(({ tensor }) => tensor === name);
  if (!found) throw new Error(`no row ${name}`);
  return found;
};

const LAYER = 'model.layers.1';

describe.each<[string, (fused: boolean) => SmallModel]>([
  ['Phi-3', phi3],
  ['Qwen3-MoE', qwen3Moe],
  ['Mixtral', mixtral],
  ['Llama 4', llama4],
])('%s fused and apart', (_, layout) => {
  const [apart, fused] = [opened(layout(false), 'apart'), opened(layout(true), 'fused')];

  it.each([
    ['apart with itself', apart, apart],
    ['fused with itself', fused, fused],
    ['apart with fused', apart, fused],
    ['fused with apart', fused, apart],
  ])('%s: every parameter is compared', (__, left, right) => {
    const alignment = align(left, right);
    expect(alignment.notCompared).toBe(0);
    expect(alignment.tensors).toHaveLength(apart.tensors.length);
    expect(alignment.parametersCompared).toBe(left.parameters);
    expect(alignment.parametersReference).toBe(left.parameters);
    for (const { reference, variant } of alignment.tensors) expect(reference?.shape).toEqual(variant?.shape);
  });

  it('has the same roles either way', () => {
    const roles = [apart, fused].map((side) =>
      alignCheckpoints(side, side).tensors.map(({ role: { layer, kind, expert, parameter } }) => {
        return { layer, kind, expert, parameter };
      }),
    );
    expect(roles[0]).toEqual(roles[1]);
  });
});

describe('Phi-3 against the same model unfused', () => {
  const alignment = align(opened(phi3(true), 'fused'), opened(phi3(false), 'apart'));

  it('says which rows of what a part is', () => {
    expect(row(alignment, `${LAYER}.self_attn.k_proj.weight`).detail).toBe(
      `rows 8 to 11 of "${LAYER}.self_attn.qkv_proj.weight" in the reference`,
    );
    expect(row(alignment, `${LAYER}.self_attn.o_proj.weight`).detail).toBeNull();
  });

  it('has heads on rows of queries, keys and values', () => {
    const heads = ['q', 'k', 'v', 'o'].map(
      (part) => row(alignment, `${LAYER}.self_attn.${part}_proj.weight`).role.heads,
    );
    expect(heads).toEqual([
      { axis: 'rows', count: 4, size: 2 },
      { axis: 'rows', count: 2, size: 2 },
      { axis: 'rows', count: 2, size: 2 },
      { axis: 'columns', count: 4, size: 2 },
    ]);
  });
});

describe('mixtures of experts', () => {
  it('Qwen3-MoE: expert, module and part of every routed matrix', () => {
    const alignment = align(opened(qwen3Moe(false), 'apart'), opened(qwen3Moe(true), 'fused'));
    expect(row(alignment, `${LAYER}.mlp.experts.2.up_proj.weight`)).toMatchObject({
      role: { layer: 1, module: 'experts.up_proj', kind: 'matrix', expert: 2 },
      detail: `expert 2, rows 6 to 11 of "${LAYER}.mlp.experts.gate_up_proj" in the variant`,
    });
    expect(row(alignment, `${LAYER}.mlp.gate.weight`).role).toMatchObject({ module: 'gate', expert: null });
  });

  it('Mixtral: w1, w3 and w2 are gate, up and down', () => {
    const apart = opened(mixtral(false), 'apart');
    const fused = opened(mixtral(true), 'fused');
    const alignment = align(apart, fused);
    const at = `${LAYER}.block_sparse_moe.experts.1`;
    const names = ['w1', 'w3', 'w2'].map((module) => row(alignment, `${at}.${module}.weight`).variant?.name);
    expect(names).toEqual(['gate', 'up', 'down'].map((part) => `${LAYER}.mlp.experts.1.${part}_proj.weight`));
    expect(row(alignment, `${at}.w1.weight`).detail).toBe(
      `named "${LAYER}.mlp.experts.1.gate_proj.weight" in the variant, another name of the same tensor; ` +
        `expert 1, rows 0 to 5 of "${LAYER}.mlp.experts.gate_up_proj" in the variant`,
    );
  });

  it('Llama 4: fused experts are turned to match those apart', () => {
    const apart = opened(llama4(false), 'apart');
    const fused = opened(llama4(true), 'fused');
    const found = row(align(apart, fused), `${LAYER}.feed_forward.experts.1.up_proj.weight`);
    expect(found.detail).toContain('the variant stores it transposed');
    expect(found.variant?.shape).toEqual([6, 8]);
    const stored = `${LAYER}.feed_forward.experts.gate_up_proj`;
    const expected = Array.from({ length: 48 }, (_, n) => {
      const [output, input] = [Math.floor(n / 8), n % 8];
      return `${stored}#${String(96 + input * 12 + 6 + output)}`;
    });
    expect(elementSources(found.variant!, fused.tensors)).toEqual(expected);
    const turned = row(align(fused, apart), `${LAYER}.feed_forward.experts.1.up_proj.weight`);
    expect(turned.variant?.shape).toEqual([8, 6]);
    const shared = row(align(apart, fused), `${LAYER}.feed_forward.shared_expert.up_proj.weight`);
    expect(shared.role).toMatchObject({ module: 'shared_expert.up_proj', expert: null });
  });

  it('GPT-OSS: gates and ups by turns, with biases', () => {
    const alignment = align(opened(gptOss(false), 'base'), opened(gptOss(false), 'tuned'));
    expect(alignment.notCompared).toBe(0);
    expect(row(alignment, `${LAYER}.mlp.experts.0.gate_proj.weight`).detail).toBe(
      `expert 0, columns 0, 2, … 10 of "${LAYER}.mlp.experts.gate_up_proj"`,
    );
    expect(row(alignment, `${LAYER}.mlp.experts.0.up_proj.bias`).role).toMatchObject({
      module: 'experts.up_proj',
      parameter: 'bias',
      kind: 'bias',
      expert: 0,
    });
  });

  it('GPT-OSS as released: packed experts are listed with their type and method', () => {
    const packed = opened(gptOss(true), 'packed');
    const alignment = align(packed, packed);
    expect(row(alignment, `${LAYER}.mlp.experts.down_proj_blocks`)).toMatchObject({
      reason: 'opaque-dtype',
      detail: 'U8 (packed by MXFP4) and U8 (packed by MXFP4)',
    });
    expect(row(alignment, `${LAYER}.mlp.experts.down_proj_scales`).reason).toBe('bookkeeping');
  });
});

describe('DeepSeek-V3', () => {
  const [plain, fp8] = [opened(deepseekV3(false), 'bf16'), opened(deepseekV3(true), 'fp8')];
  const alignment = align(plain, fp8);

  it('has scaled weights, and the scales as bookkeeping', () => {
    const found = row(alignment, `${LAYER}.mlp.experts.2.down_proj.weight`);
    expect(found).toMatchObject({
      role: { module: 'experts.down_proj', expert: 2, kind: 'matrix' },
      variant: { dtype: 'F8_E4M3 scaled', shape: [8, 6], derived: { kind: 'scaled', block: [4, 4] } },
    });
    const scale = `${LAYER}.mlp.experts.2.down_proj.weight_scale_inv`;
    expect(scaleSources(found.variant!, fp8.tensors)).toEqual(
      Array.from({ length: 48 }, (_, n) => {
        const [i, j] = [Math.floor(n / 6), n % 6];
        return `${scale}#${String(Math.floor(i / 4) * 2 + Math.floor(j / 4))}`;
      }),
    );
    const scales = alignment.tensors.filter(({ tensor }) => tensor.endsWith('_scale_inv'));
    expect(scales).toHaveLength(fp8.tensors.length - plain.tensors.length);
    expect(new Set(scales.map(({ reason }) => reason))).toEqual(new Set(['bookkeeping']));
  });

  it('compares every parameter', () => {
    const others = alignment.tensors.filter(({ reason }) => reason !== 'bookkeeping');
    expect(others.filter(({ status }) => status !== 'compared')).toEqual([]);
    expect(alignment.parametersCompared).toBe(plain.parameters);
    expect(align(fp8, plain).parametersReference).toBe(plain.parameters);
  });

  it('counts shared experts and the router as no routed expert', () => {
    const roles = alignment.tensors.map(({ role }) => role);
    const modules = new Set(roles.flatMap(({ expert, module }) => (expert === null ? [] : module)));
    expect(modules).toEqual(new Set(['experts.gate_proj', 'experts.up_proj', 'experts.down_proj']));
    const found = roles.find(({ tensor }) => tensor === `${LAYER}.mlp.shared_experts.up_proj.weight`);
    expect(found).toMatchObject({ module: 'shared_experts.up_proj', expert: null, kind: 'matrix' });
    expect(row(alignment, `${LAYER}.mlp.gate.e_score_correction_bias`).role.kind).toBe('bias');
  });
});

describe('dense models', () => {
  it('Gemma 2: the head is the embedding', () => {
    const layout = {
      modelType: 'gemma2',
      architecture: 'Gemma2ForCausalLM',
      headDim: 5,
      tied: true,
    } as const;
    const base = opened(modelLayout({ ...layout, feedforwardNorms: true }), 'base');
    const stored = opened(modelLayout({ ...layout, feedforwardNorms: true, head: true }), 'stored');
    expect(align(base, base).notCompared).toBe(0);
    const alignment = align(base, stored);
    expect(row(alignment, 'lm_head.weight').reason).toBe('tied-alias');
    expect(alignment.parametersCompared).toBe(base.parameters);
  });

  const VLM: readonly (readonly [string, (name: string) => string])[] = [
    ['language_model.model.layers', (name) => `language_model.${name}`],
    [
      'model.language_model.layers',
      (name) => (name.startsWith('model.') ? name.replace('model.', 'model.language_model.') : name),
    ],
    ['transformer of a value model', (name) => `pretrained_model.${name}`],
    [
      'checkpointed blocks',
      (name) => name.replace(/(layers\.\d+)/, '_fsdp_wrapped_module.$1._checkpoint_wrapped_module'),
    ],
    [
      'adapter targets',
      (name) => `base_model.model.${name.replace(/_proj\.weight/, '_proj.base_layer.weight')}`,
    ],
    ['compiled layers', (name) => name.replace(/(layers\.\d+)/, '$1._orig_mod')],
  ];
  it.each(VLM)('match under the names of %s', (_, rename) => {
    const { config, tensors } = llamaLayout();
    const base = inMemory(tensors, config, 'base');
    const variant = inMemory(
      tensors.map((tensor) => ({ ...tensor, name: rename(tensor.name) })),
      config,
      'variant',
    );
    for (const alignment of [align(base, variant), align(variant, base)]) {
      expect(alignment.compared).toBe(tensors.length);
      expect(alignment.tensors.every(({ role }) => role.module !== '')).toBe(true);
    }
    const q = 'model.layers.0.self_attn.q_proj.weight';
    expect(row(align(base, variant), q).detail).toBe(
      `named "${rename(q)}" in the variant, the same but for a wrapper's prefix`,
    );
  });
});

describe('GPT-2, stored as (inputs, outputs)', () => {
  const { config, tensors } = gpt2();
  const base = inMemory(tensors, config, 'base');
  const alignment = align(base, base);

  it('has heads on columns of queries, keys and values and on rows of the output', () => {
    const heads = ['q_proj', 'v_proj', 'c_proj'].map(
      (module) => row(alignment, `h.0.attn.${module}.weight`).role.heads,
    );
    expect(heads).toEqual([
      { axis: 'columns', count: 4, size: 2 },
      { axis: 'columns', count: 4, size: 2 },
      { axis: 'rows', count: 4, size: 2 },
    ]);
    const [stored] = describeTensors(base).filter(({ tensor }) => tensor === 'h.0.attn.c_proj.weight');
    expect(stored?.heads?.axis).toBe('rows');
  });

  it('counts parts of one tensor as no aliases of each other', () => {
    expect(alignment.notCompared).toBe(1);
    expect(row(alignment, 'h.0.attn.bias').reason).toBe('bookkeeping');
  });

  it('matches a model that holds the backbone', () => {
    const renamed = tensors.map((tensor) => ({ ...tensor, name: `transformer.${tensor.name}` }));
    expect(align(base, inMemory(renamed, config, 'held')).compared).toBe(alignment.compared);
  });
});

describe('norms', () => {
  it('match under the names of TensorFlow', () => {
    const named = (weight: string, bias: string): Checkpoint =>
      inMemory([
        blank(`encoder.layer.0.LayerNorm.${weight}`, [4]),
        blank(`encoder.layer.0.LayerNorm.${bias}`, [4]),
      ]);
    const alignment = align(named('gamma', 'beta'), named('weight', 'bias'));
    expect(alignment.compared).toBe(2);
    const roles = alignment.tensors.map(({ role: { module, parameter, kind } }) => [module, parameter, kind]);
    expect(roles).toEqual([
      ['LayerNorm', 'weight', 'norm'],
      ['LayerNorm', 'bias', 'bias'],
    ]);
  });
});

describe('Llama with a larger vocabulary and tied weights', () => {
  it('compares the common rows of the embedding and counts the head there', () => {
    const { config, tensors } = llamaLayout({ tied: true, head: true });
    const grown = tensors.map((tensor) =>
      /embed_tokens|lm_head/.test(tensor.name) ? blank(tensor.name, [20, 12]) : tensor,
    );
    const alignment = alignCheckpoints(inMemory(tensors, config), inMemory(grown, config));
    expect(row(alignment, 'lm_head.weight').reason).toBe('tied-alias');
    expect(row(alignment, 'model.embed_tokens.weight').detail).toBe(
      'compared on the first 16 rows of 16 and 20: the vocabulary was resized',
    );
    expect(alignment.partial).toBe(1);
  });
});
