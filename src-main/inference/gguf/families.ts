import { quoteName } from '../../checkpoint/quoteName.ts';
import type { Checkpoint } from '../../contract/checkpoint.ts';
import { PolarimeterError } from '../../contract/errors.ts';

/** A family of models as llama.cpp knows it. */
export interface GgufFamily {
  /** `general.architecture`. */
  readonly architecture: 'llama' | 'qwen2' | 'qwen3' | 'gemma' | 'gemma2' | 'gemma3';
  /** Tensors that every layer has, and that it may have, by their names in the file. */
  readonly required: readonly string[];
  readonly optional: readonly string[];
  /** What fields of config.json are where it leaves them out, as Gemma 3 and Qwen3 do. */
  readonly defaults: Readonly<Record<string, number>>;
  /** Function of feed-forward layers, by any of its names in config.json. */
  readonly activations: readonly string[];
  /** Where the activation is named. */
  readonly activationField: 'hidden_act' | 'hidden_activation';
}

const weights = (...modules: string[]): string[] => modules.map((module) => `${module}.weight`);
const biases = (...modules: string[]): string[] => modules.map((module) => `${module}.bias`);

const LAYER = [
  ...weights('attn_norm', 'attn_q', 'attn_k', 'attn_v', 'attn_output'),
  ...weights('ffn_norm', 'ffn_gate', 'ffn_up', 'ffn_down'),
];
const QKV_BIASES = biases('attn_q', 'attn_k', 'attn_v');
const NO_DEFAULTS = { defaults: {} } as const;
const SILU = { activations: ['silu', 'swish'], activationField: 'hidden_act' } as const;
const GELU = { activations: ['gelu_pytorch_tanh'], activationField: 'hidden_activation' } as const;
const HEAD_NORMS = weights('attn_q_norm', 'attn_k_norm');
const SANDWICH = [...LAYER, ...weights('post_attention_norm', 'post_ffw_norm')];

const LLAMA: GgufFamily = {
  architecture: 'llama',
  required: LAYER,
  optional: [...QKV_BIASES, ...biases('attn_output', 'ffn_gate', 'ffn_up', 'ffn_down')],
  ...NO_DEFAULTS,
  ...SILU,
};
const GEMMA_3: GgufFamily = {
  architecture: 'gemma3',
  required: [...SANDWICH, ...HEAD_NORMS],
  optional: [],
  defaults: {
    num_attention_heads: 8,
    num_key_value_heads: 4,
    head_dim: 256,
    max_position_embeddings: 131_072,
    query_pre_attn_scalar: 256,
  },
  ...GELU,
};

/** By model_type. */
const FAMILIES: ReadonlyMap<string, GgufFamily> = new Map([
  ['llama', LLAMA],
  ['mistral', LLAMA],
  ['qwen2', { architecture: 'qwen2', required: LAYER, optional: QKV_BIASES, ...NO_DEFAULTS, ...SILU }],
  [
    'qwen3',
    {
      architecture: 'qwen3',
      required: [...LAYER, ...HEAD_NORMS],
      optional: QKV_BIASES,
      defaults: { head_dim: 128 },
      ...SILU,
    },
  ],
  ['gemma', { architecture: 'gemma', required: LAYER, optional: [], ...NO_DEFAULTS, ...GELU }],
  ['gemma2', { architecture: 'gemma2', required: SANDWICH, optional: [], ...NO_DEFAULTS, ...GELU }],
  ['gemma3_text', GEMMA_3],
  ['gemma3', GEMMA_3],
]);
/** By class, where config.json has no model_type. */
const CLASSES: ReadonlyMap<string, string> = new Map([
  ['LlamaForCausalLM', 'llama'],
  ['MistralForCausalLM', 'mistral'],
  ['Qwen2ForCausalLM', 'qwen2'],
  ['Qwen3ForCausalLM', 'qwen3'],
  ['GemmaForCausalLM', 'gemma'],
  ['Gemma2ForCausalLM', 'gemma2'],
  ['Gemma3ForCausalLM', 'gemma3_text'],
  ['Gemma3ForConditionalGeneration', 'gemma3'],
]);

/** The family of a checkpoint. Fails with model-unsupported for others. */
export function ggufFamily({ config, path }: Checkpoint): GgufFamily {
  const { modelType = null, architecture = null } = config ?? {};
  const type = modelType ?? CLASSES.get(architecture ?? '') ?? architecture ?? '';
  const family = FAMILIES.get(type);
  if (family) return family;
  const known = [...FAMILIES.keys()].join(', ');
  const what = `models of type ${quoteName(type)} cannot be run; these can: ${known}`;
  throw new PolarimeterError('model-unsupported', what, path);
}
