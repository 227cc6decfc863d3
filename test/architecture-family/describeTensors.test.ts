import { describe, expect, it } from 'vitest';
import { describeTensors } from '../../src-main/architecture/describeTensors.ts';
import { modelFamily } from '../../src-main/architecture/families.ts';
import { compareRoles, modelOrder } from '../../src-main/architecture/modelOrder.ts';
import type { TensorRole } from '../../src-main/contract/checkpoint.ts';
import { inMemory } from '../fixtures/inMemory.ts';
import type { LayoutOptions } from '../fixtures/modelLayouts.ts';
import { HEADS, HIDDEN, KEY_VALUE_HEADS, modelLayout, zeros } from '../fixtures/modelLayouts.ts';

const GEMMA = { headDim: 5, tied: true, feedforwardNorms: true };
const LAYOUTS: readonly (LayoutOptions & { family: string })[] = [
  { family: 'llama', modelType: 'llama', architecture: 'LlamaForCausalLM' },
  { family: 'mistral', modelType: 'mistral', architecture: 'MistralForCausalLM', headDim: 5 },
  {
    family: 'qwen2',
    modelType: 'qwen2',
    architecture: 'Qwen2ForCausalLM',
    attentionBiases: true,
    tied: true,
  },
  { family: 'qwen3', modelType: 'qwen3', architecture: 'Qwen3ForCausalLM', headDim: 5, queryKeyNorms: true },
  { family: 'gemma', modelType: 'gemma', architecture: 'GemmaForCausalLM', headDim: 5, tied: true },
  { family: 'gemma2', modelType: 'gemma2', architecture: 'Gemma2ForCausalLM', ...GEMMA },
  {
    family: 'gemma3',
    modelType: 'gemma3_text',
    architecture: 'Gemma3ForCausalLM',
    queryKeyNorms: true,
    ...GEMMA,
  },
  { family: 'generic', modelType: 'brandnew', architecture: 'BrandNewForCausalLM', headDim: 5 },
];

function rolesOf(options: LayoutOptions): Map<string, TensorRole> {
  const { config, tensors } = modelLayout(options);
  return new Map(describeTensors(inMemory(tensors, config)).map((role) => [role.tensor, role]));
}

const MATRICES = ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'];

describe.each(LAYOUTS)('the tensors of $family', (options) => {
  const { config, tensors } = modelLayout(options);
  const checkpoint = inMemory(tensors, config);
  const roles = rolesOf(options);
  const headDim = options.headDim ?? HIDDEN / HEADS;
  const at = (name: string): TensorRole | undefined => roles.get(`model.layers.1.${name}`);

  it('belong to the family that config.json names', () => {
    expect(modelFamily(checkpoint.config).id).toBe(options.family);
  });

  it('have a role each', () => {
    expect(describeTensors(checkpoint).map(({ tensor }) => tensor)).toEqual(tensors.map(({ name }) => name));
    expect(roles.get('model.embed_tokens.weight')).toMatchObject({
      layer: null,
      module: 'embed_tokens',
      kind: 'embedding',
    });
    expect(roles.get('model.norm.weight')).toMatchObject({ layer: null, module: 'norm', kind: 'norm' });
    expect(at('mlp.down_proj.weight')).toMatchObject({
      layer: 1,
      module: 'down_proj',
      kind: 'matrix',
      parameter: 'weight',
    });
    expect(at('input_layernorm.weight')).toMatchObject({ layer: 1, module: 'input_layernorm', kind: 'norm' });
    if (!options.tied)
      expect(roles.get('lm_head.weight')).toMatchObject({ module: 'lm_head', kind: 'head', tiedTo: null });
  });

  it('have their heads along the right axis', () => {
    const rows = { axis: 'rows', size: headDim };
    expect(at('self_attn.q_proj.weight')?.heads).toEqual({ ...rows, count: HEADS });
    expect(at('self_attn.k_proj.weight')?.heads).toEqual({ ...rows, count: KEY_VALUE_HEADS });
    expect(at('self_attn.v_proj.weight')?.heads).toEqual({ ...rows, count: KEY_VALUE_HEADS });
    expect(at('self_attn.o_proj.weight')?.heads).toEqual({ axis: 'columns', size: headDim, count: HEADS });
    expect(at('mlp.up_proj.weight')?.heads).toBeNull();
  });

  it('name their biases and norms', () => {
    const bias = at('self_attn.q_proj.bias');
    expect(bias?.kind).toBe(options.attentionBiases ? 'bias' : undefined);
    if (bias) expect(bias).toMatchObject({ module: 'q_proj', parameter: 'bias', heads: null });
    expect(at('self_attn.q_norm.weight')?.kind).toBe(options.queryKeyNorms ? 'norm' : undefined);
    expect(at('post_feedforward_layernorm.weight')?.kind).toBe(options.feedforwardNorms ? 'norm' : undefined);
  });

  it('stand in forward order', () => {
    const order = modelOrder([...roles.values()]);
    expect(order.layers).toEqual([0, 1]);
    expect(order.modules.slice(0, 7)).toEqual(MATRICES);
    expect(order.modules.slice(7)).toEqual([
      'input_layernorm',
      ...(options.queryKeyNorms ? ['q_norm', 'k_norm'] : []),
      'post_attention_layernorm',
      ...(options.feedforwardNorms ? ['pre_feedforward_layernorm', 'post_feedforward_layernorm'] : []),
    ]);
    expect(order.outside).toEqual(['embed_tokens', 'norm', ...(options.tied ? [] : ['lm_head'])]);
    const sorted = [...roles.values()].toSorted(compareRoles).map(({ tensor }) => tensor);
    expect(sorted[0]).toBe('model.embed_tokens.weight');
    expect(sorted.at(options.tied ? -1 : -2)).toBe('model.norm.weight');
    expect(sorted.indexOf('model.layers.1.self_attn.q_proj.weight')).toBeGreaterThan(
      sorted.indexOf('model.layers.0.mlp.down_proj.weight'),
    );
  });
});

describe('heads', () => {
  const { tensors } = modelLayout({ modelType: 'x', architecture: 'X', headDim: 5, queryKeyNorms: true });
  const heads = (config: Record<string, unknown> | null): unknown[] =>
    describeTensors(inMemory(tensors, config))
      .filter((role) => role.heads !== null)
      .map((role) => role.heads?.size);

  it('are unknown without a config', () => {
    expect(heads(null)).toEqual([]);
  });

  it('are unknown where config and shape disagree', () => {
    expect(heads({ num_attention_heads: 3, num_key_value_heads: 1, head_dim: 5 })).toEqual([]);
  });

  it('are counted from the query norm where the config is silent', () => {
    expect(heads({ model_type: 'gemma3', hidden_size: HIDDEN })).toEqual(Array.from({ length: 8 }, () => 5));
  });

  it('of keys and values are those of the queries unless the config says otherwise', () => {
    const square = zeros('model.layers.0.self_attn.k_proj.weight', [12, 12]);
    const [role] = describeTensors(inMemory([square], { hidden_size: 12, num_attention_heads: 4 }));
    expect(role?.heads).toEqual({ axis: 'rows', count: 4, size: 3 });
  });
});

describe('tied embeddings', () => {
  const tiedTo = (options: Partial<LayoutOptions>, config?: Record<string, unknown> | null): unknown => {
    const layout = modelLayout({
      modelType: 'llama',
      architecture: 'LlamaForCausalLM',
      head: true,
      ...options,
    });
    const roles = describeTensors(inMemory(layout.tensors, config === undefined ? layout.config : config));
    return roles.find(({ module }) => module === 'lm_head')?.tiedTo;
  };
  const EMBEDDING = 'model.embed_tokens.weight';

  it('are those that the config ties', () => {
    expect(tiedTo({ tied: true })).toBe(EMBEDDING);
    expect(tiedTo({ tied: false })).toBeNull();
  });

  it('are the default of Gemma and of nothing else where the config is silent', () => {
    expect(tiedTo({}, { model_type: 'gemma2' })).toBe(EMBEDDING);
    expect(tiedTo({}, { architectures: ['Gemma3ForConditionalGeneration'] })).toBe(EMBEDDING);
    expect(tiedTo({}, { model_type: 'llama' })).toBeNull();
    expect(tiedTo({}, null)).toBeNull();
    expect(tiedTo({}, { model_type: 'gemma', tie_word_embeddings: false })).toBeNull();
  });

  it('need the same shape', () => {
    const tensors = [zeros('lm_head.weight', [8, 4]), zeros('model.embed_tokens.weight', [9, 4])];
    const roles = describeTensors(inMemory(tensors, { tie_word_embeddings: true }));
    expect(roles.map((role) => role.tiedTo)).toEqual([null, null]);
  });

  it('are found by their bytes whatever the config says', () => {
    const tensors = [
      zeros('lm_head.weight', [8, 4]),
      zeros('model.embed_tokens.weight', [8, 4]),
      zeros('model.norm.weight', [0]),
    ];
    const checkpoint = inMemory(tensors, { tie_word_embeddings: false });
    const shared = checkpoint.tensors.map((tensor) => ({ ...tensor, offset: 8 }));
    const roles = describeTensors({ ...checkpoint, tensors: shared });
    expect(roles.map((role) => role.tiedTo)).toEqual(['model.embed_tokens.weight', null, null]);
  });
});

describe('models of other families, by name', () => {
  const describeNames = (names: readonly (readonly [string, readonly number[]])[]): TensorRole[] =>
    describeTensors(inMemory(names.map(([name, shape]) => zeros(name, shape))));

  it('GPT-2: numbered h, modules that share their last name, the causal mask', () => {
    const roles = describeNames([
      ['wte.weight', [8, 4]],
      ['wpe.weight', [8, 4]],
      ['h.3.ln_1.weight', [4]],
      ['h.3.ln_1.bias', [4]],
      ['h.3.attn.bias', [1, 1, 8, 8]],
      ['h.3.attn.c_attn.weight', [4, 12]],
      ['h.3.attn.c_proj.weight', [4, 4]],
      ['h.3.mlp.c_fc.weight', [4, 16]],
      ['h.3.mlp.c_proj.weight', [16, 4]],
      ['ln_f.weight', [4]],
    ]);
    expect(roles.map(({ module, kind }) => `${module} ${kind}`)).toEqual([
      'wte embedding',
      'wpe embedding',
      'ln_1 norm',
      'ln_1 bias',
      'attn other',
      'c_attn matrix',
      'attn.c_proj matrix',
      'c_fc matrix',
      'mlp.c_proj matrix',
      'ln_f norm',
    ]);
    expect(roles.map(({ layer }) => layer)).toEqual([null, null, 3, 3, 3, 3, 3, 3, 3, null]);
    expect(modelOrder(roles).modules.slice(0, 4)).toEqual(['c_attn', 'attn.c_proj', 'c_fc', 'mlp.c_proj']);
  });

  it('mixtures of experts: experts together, apart from shared and dense modules', () => {
    const roles = describeNames([
      ['model.layers.0.mlp.gate_proj.weight', [4, 4]],
      ['model.layers.1.mlp.gate.weight', [4, 4]],
      ['model.layers.1.mlp.experts.0.gate_proj.weight', [4, 4]],
      ['model.layers.1.mlp.experts.11.gate_proj.weight', [4, 4]],
      ['model.layers.1.mlp.shared_experts.gate_proj.weight', [4, 4]],
      ['model.layers.2.mlp.experts.gate_up_proj', [2, 4, 8]],
    ]);
    expect(roles.map(({ module, parameter, kind }) => [module, parameter, kind])).toEqual([
      ['gate_proj', 'weight', 'matrix'],
      ['gate', 'weight', 'matrix'],
      ['experts.gate_proj', 'weight', 'matrix'],
      ['experts.gate_proj', 'weight', 'matrix'],
      ['shared_experts.gate_proj', 'weight', 'matrix'],
      ['experts.gate_up_proj', 'weight', 'other'],
    ]);
  });

  it('image encoders: outside the layers of the language model', () => {
    const roles = describeNames([
      ['language_model.model.layers.0.self_attn.q_proj.weight', [4, 4]],
      ['vision_tower.encoder.layers.0.self_attn.q_proj.weight', [4, 4]],
      ['multi_modal_projector.linear_1.weight', [4, 4]],
    ]);
    expect(roles.map(({ layer, module }) => [layer, module])).toEqual([
      [0, 'q_proj'],
      [null, 'vision_tower.encoder.layers.self_attn.q_proj'],
      [null, 'linear_1'],
    ]);
  });

  it('encoder and decoder: apart', () => {
    const roles = describeNames([
      ['encoder.layers.0.self_attn.q_proj.weight', [4, 4]],
      ['decoder.layers.0.self_attn.q_proj.weight', [4, 4]],
      ['decoder.layers.0.encoder_attn.q_proj.weight', [4, 4]],
    ]);
    expect(new Set(roles.map(({ module }) => module)).size).toBe(3);
  });

  it('odd names: a role all the same', () => {
    const roles = describeNames([
      ['', [2]],
      ['weight', [2, 2]],
      ['...', [2]],
      ['0', [2]],
      ['layers.7', [2, 2]],
      ['a.layers.x.layers.2.b.weight', [2, 2]],
      ['__proto__', [1]],
      ['layers.99999999999999999999.q_proj.weight', [2, 2]],
    ]);
    expect(roles.map(({ layer }) => layer)).toEqual([null, null, null, null, null, 2, null, null]);
    expect(roles.every(({ module, parameter }) => typeof module === 'string' && parameter.length > 0)).toBe(
      true,
    );
  });

  it('stay quick to name under hostile paths', () => {
    const tail = '.x'.repeat(900);
    const names = Array.from({ length: 3000 }, (_, i) => [`p${String(i)}${tail}`, [1]] as const);
    const started = performance.now();
    expect(new Set(describeNames(names).map(({ module }) => module)).size).toBe(3000);
    expect(performance.now() - started).toBeLessThan(20_000);
  }, 30_000);
});
