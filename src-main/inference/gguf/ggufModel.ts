import { quoteName } from '../../checkpoint/quoteName.ts';
import type { JsonFields } from '../../checkpoint/readJsonFields.ts';
import type { Checkpoint } from '../../contract/checkpoint.ts';
import { slidingWindow } from './attentionWindow.ts';
import { type GgufFamily, ggufFamily } from './families.ts';
import { gemma2, gemma3 } from './gemma.ts';
import type { GgufTable } from './ggufHeader.ts';
import { f32, type GgufEntries, u32 } from './ggufValues.ts';
import { type ModelShape, readShape, unsupported } from './readShape.ts';
import { rotary } from './rotary.ts';

/** What config.json says about a model, for the converted file. */
export interface GgufModel {
  readonly family: GgufFamily;
  readonly shape: ModelShape;
  readonly metadata: GgufEntries;
  readonly tables: readonly GgufTable[];
  readonly warnings: readonly string[];
}

/** Gemma 1 names its activation "gelu" where it means the approximation, in a field that is then passed over. */
function checkActivation(
  fields: JsonFields,
  { activations, activationField }: GgufFamily,
  path: string,
): void {
  const named = fields[activationField] ?? activations[0];
  if (typeof named === 'string' && activations.includes(named)) return;
  const what = typeof named === 'string' ? quoteName(named) : 'of that kind';
  throw unsupported(`activation ${what} cannot be run, ${activations.join(' or ')} can`, path);
}

function sizes({ architecture }: GgufFamily, shape: ModelShape, context: number): GgufEntries {
  const entries: GgufEntries = [
    ['block_count', u32(shape.layers)],
    ['context_length', u32(context)],
    ['embedding_length', u32(shape.hidden)],
    ['feed_forward_length', u32(shape.feedForward)],
    ['attention.head_count', u32(shape.heads)],
    ['attention.head_count_kv', u32(shape.keyValueHeads)],
    ['attention.key_length', u32(shape.headDim)],
    ['attention.value_length', u32(shape.headDim)],
    ['attention.layer_norm_rms_epsilon', f32(shape.epsilon)],
    ['rope.dimension_count', u32(shape.headDim)],
  ];
  return entries.map(([key, value]) => [`${architecture}.${key}`, value]);
}

type Parts = Pick<GgufModel, 'metadata' | 'tables' | 'warnings'>;
interface Reading {
  readonly fields: JsonFields;
  readonly shape: ModelShape;
  readonly path: string;
}

const KNOWN_WINDOWS = { gemma2, gemma3 } as const;

/** A window that llama.cpp does not know of makes no difference to contexts that fit into it. */
function whole(family: GgufFamily, { fields, shape, path }: Reading): Parts {
  const window = slidingWindow(fields, path);
  const context = Math.min(shape.context, window ?? Infinity);
  const { metadata, tables } = rotary(fields, {
    architecture: family.architecture,
    headDim: shape.headDim,
    path,
  });
  const what = `contexts are limited to the attention window of ${String(context)} tokens, which llama.cpp does not know in this family`;
  return {
    metadata: [...sizes(family, shape, context), ...metadata],
    tables,
    warnings: context < shape.context ? [what] : [],
  };
}

function partsOf(family: GgufFamily, reading: Reading): Parts {
  const { fields, shape, path } = reading;
  const { architecture } = family;
  if (architecture !== 'gemma2' && architecture !== 'gemma3') return whole(family, reading);
  const extra = KNOWN_WINDOWS[architecture](reading);
  const base =
    architecture === 'gemma3' ? [] : rotary(fields, { architecture, headDim: shape.headDim, path }).metadata;
  return { metadata: [...sizes(family, shape, shape.context), ...base, ...extra], tables: [], warnings: [] };
}

/** Reads what llama.cpp must know of a model. Fails with model-unsupported. */
export function ggufModel(checkpoint: Checkpoint, declared: JsonFields): GgufModel {
  const { path } = checkpoint;
  const family = ggufFamily(checkpoint);
  const fields = { ...family.defaults, ...declared };
  const shape = readShape(fields, path);
  checkActivation(fields, family, path);
  if (family.architecture === 'qwen2' && shape.heads * shape.headDim !== shape.hidden)
    throw unsupported('heads of Qwen2 must add up to its hidden size (head_dim)', path);
  return { family, shape, ...partsOf(family, { fields, shape, path }) };
}
