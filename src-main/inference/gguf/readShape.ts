import { z } from 'zod';
import type { JsonFields } from '../../checkpoint/readJsonFields.ts';
import { quoteName } from '../../checkpoint/quoteName.ts';
import { PolarimeterError } from '../../contract/errors.ts';

const count = (most: number) => z.number().int().positive().max(most);
const optionalCount = (most: number) => count(most).nullish();

/** Limits are those of llama.cpp where it has some, and else far beyond any model. */
const Config = z.object({
  num_hidden_layers: count(512),
  hidden_size: count(1 << 20),
  intermediate_size: count(1 << 24),
  num_attention_heads: count(1 << 16),
  num_key_value_heads: optionalCount(1 << 16),
  head_dim: optionalCount(1 << 14),
  max_position_embeddings: count(1 << 30),
  rms_norm_eps: z.number().positive().max(1).default(1e-6),
  partial_rotary_factor: z.number().nullish(),
});

/** Sizes that every supported family has. */
export interface ModelShape {
  readonly layers: number;
  readonly hidden: number;
  readonly feedForward: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headDim: number;
  readonly context: number;
  readonly epsilon: number;
}

/** An error about config.json. */
export const unsupported = (what: string, path: string): PolarimeterError =>
  new PolarimeterError('model-unsupported', `config.json: ${what}`, path);

/** Checks a part of config.json against a schema; the first wrong field is named. */
export function checked<T>(schema: z.ZodType<T>, fields: JsonFields, path: string): T {
  const { success, data, error } = schema.safeParse(fields);
  if (success) return data;
  const [issue] = error.issues;
  const field = issue?.path.map(String).join('.') ?? '';
  throw unsupported(`field ${quoteName(field)}: ${issue?.message ?? 'is invalid'}`, path);
}

/** The sizes of a model. Fails with model-unsupported where they are missing or contradict each other. */
export function readShape(fields: JsonFields, path: string): ModelShape {
  const config = checked(Config, fields, path);
  const heads = config.num_attention_heads;
  const keyValueHeads = config.num_key_value_heads ?? heads;
  const headDim = config.head_dim ?? config.hidden_size / heads;
  if (!Number.isInteger(headDim) || headDim % 2 !== 0)
    throw unsupported(`heads of ${String(headDim)} elements cannot be rotated in pairs`, path);
  if (heads % keyValueHeads !== 0)
    throw unsupported(`${String(heads)} heads cannot share ${String(keyValueHeads)} keys`, path);
  const partial = config.partial_rotary_factor ?? 1;
  if (partial !== 1) throw unsupported('only a part of each head is rotated (partial_rotary_factor)', path);
  return {
    layers: config.num_hidden_layers,
    hidden: config.hidden_size,
    feedForward: config.intermediate_size,
    heads,
    keyValueHeads,
    headDim,
    context: config.max_position_embeddings,
    epsilon: config.rms_norm_eps,
  };
}
