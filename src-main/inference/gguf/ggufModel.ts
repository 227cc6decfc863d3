import type { Checkpoint } from '../../contract/checkpoint.ts';
import { PolarimeterError } from '../../contract/errors.ts';
import type { JsonFields } from '../../checkpoint/readJsonFields.ts';
import { quoteName } from '../../checkpoint/quoteName.ts';
import { f32, type GgufEntries, u32 } from './ggufValues.ts';
import type { GgufTable } from './ggufHeader.ts';
import { readShape, type ModelShape, unsupported } from './readShape.ts';
import { rotary } from './rotary.ts';

/** A family of models as llama.cpp knows it. */
interface Family {
  /** `general.architecture`. */
  readonly architecture: string;
  /** Names of GGUF modules of a layer that must be there, and that may be. */
  readonly required: readonly string[];
  readonly optional: readonly string[];
  readonly activation: string;
}

/** What config.json says about a model, for the converted file. */
export interface GgufModel {
  readonly architecture: string;
  readonly shape: ModelShape;
  readonly metadata: GgufEntries;
  readonly tables: readonly GgufTable[];
  /** Names like "attn_q.weight" that every layer has, and that it may have. */
  readonly required: readonly string[];
  readonly optional: readonly string[];
}

const ATTENTION = [
  'attn_norm.weight',
  'attn_q.weight',
  'attn_k.weight',
  'attn_v.weight',
  'attn_output.weight',
];
const DENSE = ['ffn_norm.weight', 'ffn_gate.weight', 'ffn_up.weight', 'ffn_down.weight'];
const BIASES = [
  'attn_q.bias',
  'attn_k.bias',
  'attn_v.bias',
  'attn_output.bias',
  'ffn_gate.bias',
  'ffn_up.bias',
  'ffn_down.bias',
];

const LLAMA: Family = {
  architecture: 'llama',
  required: [...ATTENTION, ...DENSE],
  optional: BIASES,
  activation: 'silu',
};

/** By model_type. */
const FAMILIES: ReadonlyMap<string, Family> = new Map([
  ['llama', LLAMA],
  ['mistral', LLAMA],
]);
/** By class, where config.json has no model_type. */
const CLASSES: ReadonlyMap<string, string> = new Map([
  ['LlamaForCausalLM', 'llama'],
  ['MistralForCausalLM', 'mistral'],
]);

function familyOf({ config, path }: Checkpoint): Family {
  const { modelType = null, architecture = null } = config ?? {};
  const type = modelType ?? CLASSES.get(architecture ?? '') ?? architecture ?? '';
  const family = FAMILIES.get(type);
  if (family) return family;
  const known = [...FAMILIES.keys()].join(', ');
  throw new PolarimeterError(
    'model-unsupported',
    `models of type ${quoteName(type)} cannot be run; ${known} can`,
    path,
  );
}

/** Reads what llama.cpp must know of a model. Fails with model-unsupported. */
export function ggufModel(checkpoint: Checkpoint, fields: JsonFields): GgufModel {
  const { path } = checkpoint;
  const family = familyOf(checkpoint);
  const shape = readShape(fields, path);
  const { architecture, required, optional } = family;
  const activation = shape.activation ?? family.activation;
  if (activation !== family.activation)
    throw unsupported(`activation ${quoteName(activation)} cannot be run, ${family.activation} can`, path);
  const { metadata, tables } = rotary(fields, { architecture, headDim: shape.headDim, path });
  const sizes: GgufEntries = [
    ['block_count', u32(shape.layers)],
    ['context_length', u32(shape.context)],
    ['embedding_length', u32(shape.hidden)],
    ['feed_forward_length', u32(shape.feedForward)],
    ['attention.head_count', u32(shape.heads)],
    ['attention.head_count_kv', u32(shape.keyValueHeads)],
    ['attention.key_length', u32(shape.headDim)],
    ['attention.value_length', u32(shape.headDim)],
    ['attention.layer_norm_rms_epsilon', f32(shape.epsilon)],
    ['rope.dimension_count', u32(shape.headDim)],
  ];
  return {
    architecture,
    shape,
    metadata: [...sizes.map(([key, value]) => [`${architecture}.${key}`, value] as const), ...metadata],
    tables,
    required,
    optional,
  };
}
