import { z } from 'zod';

/** Element types that can be computed with. Everything else is opaque: listed, never compared. */
export const COMPUTABLE_DTYPES = ['F64', 'F32', 'F16', 'BF16'] as const;
export type ComputableDtype = (typeof COMPUTABLE_DTYPES)[number];

/** Bits per element of every dtype that safetensors defines. */
export const DTYPE_BITS: Readonly<Record<string, number>> = {
  BOOL: 8,
  F4: 4,
  F6_E2M3: 6,
  F6_E3M2: 6,
  U8: 8,
  I8: 8,
  F8_E5M2: 8,
  F8_E4M3: 8,
  F8_E8M0: 8,
  F8_E4M3FNUZ: 8,
  F8_E5M2FNUZ: 8,
  I16: 16,
  U16: 16,
  F16: 16,
  BF16: 16,
  I32: 32,
  U32: 32,
  F32: 32,
  C64: 64,
  F64: 64,
  I64: 64,
  U64: 64,
};

export function isComputable(dtype: string): dtype is ComputableDtype {
  return (COMPUTABLE_DTYPES as readonly string[]).includes(dtype);
}

/** One named tensor on disk. */
export const TensorInfo = z.object({
  name: z.string(),
  dtype: z.string(),
  shape: z.array(z.number().int().nonnegative()),
  /** Absolute path of the file that holds the bytes. */
  file: z.string(),
  /** First byte in the file. */
  offset: z.number().int().nonnegative(),
  bytes: z.number().int().nonnegative(),
});
export type TensorInfo = z.infer<typeof TensorInfo>;

/** What config.json says about the layout of the model; null where it is silent. */
export const ModelConfig = z.object({
  modelType: z.string().nullable(),
  architecture: z.string().nullable(),
  layers: z.number().int().positive().nullable(),
  hiddenSize: z.number().int().positive().nullable(),
  attentionHeads: z.number().int().positive().nullable(),
  keyValueHeads: z.number().int().positive().nullable(),
  headDim: z.number().int().positive().nullable(),
  vocabularySize: z.number().int().positive().nullable(),
  tiedEmbeddings: z.boolean().nullable(),
});
export type ModelConfig = z.infer<typeof ModelConfig>;

/** A set of named tensors on disk, opened read-only, headers only. */
export const Checkpoint = z.object({
  /** Absolute path that was asked for. */
  path: z.string(),
  /** Short name for people: folder name, or org/name@commit in a Hugging Face cache. */
  title: z.string(),
  format: z.enum(['safetensors', 'safetensors-sharded', 'safetensors-file']),
  config: ModelConfig.nullable(),
  tensors: z.array(TensorInfo),
  /** Distinct files that hold tensors, absolute. */
  files: z.array(z.string()),
  /** Sum over tensors, tied aliases included. */
  parameters: z.number().int().nonnegative(),
  bytes: z.number().int().nonnegative(),
  /** Oddities that do not prevent work, in words. */
  warnings: z.array(z.string()),
  /** Step number, when the folder is named checkpoint-N or global_step_N. */
  step: z.number().int().nonnegative().nullable(),
});
export type Checkpoint = z.infer<typeof Checkpoint>;

/** What a tensor is in its model. */
export const TensorRole = z.object({
  tensor: z.string(),
  /** Transformer layer, from 0; null outside the layers. */
  layer: z.number().int().nonnegative().nullable(),
  /** Module inside the layer, e.g. "q_proj", "input_layernorm"; or "embed_tokens", "lm_head", "norm". */
  module: z.string(),
  /** "weight", "bias" or another last name part. */
  parameter: z.string(),
  kind: z.enum(['matrix', 'embedding', 'head', 'norm', 'bias', 'other']),
  /** For attention matrices: which axis runs over heads, and the size of a head along it. */
  heads: z
    .object({ axis: z.enum(['rows', 'columns']), count: z.number().int(), size: z.number().int() })
    .nullable(),
  /** Another tensor whose weights this one shares; counted there. */
  tiedTo: z.string().nullable(),
});
export type TensorRole = z.infer<typeof TensorRole>;

export const InspectedCollection = z.object({
  kind: z.literal('collection'),
  path: z.string(),
  /** Checkpoints found below, in natural order of their paths. */
  found: z.array(
    z.object({ path: z.string(), title: z.string(), format: z.string(), step: z.number().nullable() }),
  ),
  rejected: z.array(z.object({ path: z.string(), reason: z.string() })),
});

export const InspectedStudy = z.object({ kind: z.literal('study'), path: z.string(), name: z.string() });

/** What `inspect` says of a path. */
export const Inspection = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('checkpoint'), checkpoint: Checkpoint, roles: z.array(TensorRole) }),
  InspectedCollection,
  InspectedStudy,
]);
export type Inspection = z.infer<typeof Inspection>;
