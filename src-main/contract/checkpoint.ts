import { z } from 'zod';

/** Plain element types that can be computed with. */
export const PLAIN_DTYPES = ['F64', 'F32', 'F16', 'BF16', 'F8_E4M3', 'F8_E5M2'] as const;
export type PlainDtype = (typeof PLAIN_DTYPES)[number];

export const isPlain = (dtype: string): dtype is PlainDtype =>
  (PLAIN_DTYPES as readonly string[]).includes(dtype);

/** GGUF block types that can be computed with: that many neighbouring elements of a row in that many bytes. */
export const QUANTIZED_DTYPES = {
  Q4_0: { elements: 32, bytes: 18 },
  Q4_1: { elements: 32, bytes: 20 },
  Q5_0: { elements: 32, bytes: 22 },
  Q5_1: { elements: 32, bytes: 24 },
  Q8_0: { elements: 32, bytes: 34 },
  Q2_K: { elements: 256, bytes: 84 },
  Q3_K: { elements: 256, bytes: 110 },
  Q4_K: { elements: 256, bytes: 144 },
  Q5_K: { elements: 256, bytes: 176 },
  Q6_K: { elements: 256, bytes: 210 },
} as const;
export type QuantizedDtype = keyof typeof QUANTIZED_DTYPES;

export const isQuantized = (dtype: string): dtype is QuantizedDtype => Object.hasOwn(QUANTIZED_DTYPES, dtype);

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

/** One named tensor: stored as it is, or made of stored ones. */
export interface TensorInfo {
  readonly name: string;
  /** Element type as stored; of a derived tensor a label, e.g. "BF16 + LoRA". */
  readonly dtype: string;
  readonly shape: number[];
  /** Absolute path of the file that holds the bytes; of a derived tensor, of its first part. */
  readonly file: string;
  /** First byte in the file. */
  readonly offset: number;
  /** Of a derived tensor, of all its parts. */
  readonly bytes: number;
  /** How the elements come from other tensors; absent where the bytes are the elements. */
  readonly derived?: Derivation | undefined;
  /** Why nothing can be computed with it although its dtype could be, e.g. "stored column by column". */
  readonly opaque?: string | undefined;
}

/**
 * One axis of a strided tensor: index i, written in the mixed radix `sizes` (last digit fastest), lies at the sum of digit times stride,
 * in elements of the tensor that it is taken from. Contiguous rows of n columns: sizes [rows], strides [n].
 */
export interface StridedAxis {
  readonly sizes: number[];
  readonly strides: number[];
}

export type Derivation =
  /** Element (i, j) times scale(i / block[0], j / block[1]), rounded down; the scale is a matrix. */
  | {
      readonly kind: 'scaled';
      readonly of: TensorInfo;
      readonly scale: TensorInfo;
      readonly block: [number, number];
    }
  /** base + factor * up * down, the product transposed where `transposed`; up is (m, r), down (r, n). */
  | {
      readonly kind: 'low-rank';
      readonly base: TensorInfo;
      readonly up: TensorInfo;
      readonly down: TensorInfo;
      readonly factor: number;
      readonly transposed: boolean;
    }
  /** Element (i, j) is element start + rows(i) + cols(j) of another tensor, counted row by row. */
  | {
      readonly kind: 'strided';
      readonly of: TensorInfo;
      readonly start: number;
      readonly rows: StridedAxis;
      readonly cols: StridedAxis;
    };

const count = z.number().int().nonnegative();

const StridedAxis: z.ZodType<StridedAxis> = z.object({ sizes: z.array(count), strides: z.array(count) });

const Derivation: z.ZodType<Derivation> = z.lazy(() =>
  z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('scaled'),
      of: TensorInfo,
      scale: TensorInfo,
      block: z.tuple([count, count]),
    }),
    z.object({
      kind: z.literal('low-rank'),
      base: TensorInfo,
      up: TensorInfo,
      down: TensorInfo,
      factor: z.number(),
      transposed: z.boolean(),
    }),
    z.object({
      kind: z.literal('strided'),
      of: TensorInfo,
      start: count,
      rows: StridedAxis,
      cols: StridedAxis,
    }),
  ]),
);

export const TensorInfo: z.ZodType<TensorInfo> = z.object({
  name: z.string(),
  dtype: z.string(),
  shape: z.array(count),
  file: z.string(),
  offset: count,
  bytes: count,
  derived: Derivation.optional(),
  opaque: z.string().optional(),
});

/** The tensors that a tensor is made of; none where it is stored as it is. */
export function partsOf({ derived }: Pick<TensorInfo, 'derived'>): TensorInfo[] {
  if (!derived) return [];
  if (derived.kind === 'scaled') return [derived.of, derived.scale];
  return derived.kind === 'strided' ? [derived.of] : [derived.base, derived.up, derived.down];
}

/** Whether a tensor is of a block type, its rows whole blocks and its bytes theirs. */
function hasWholeBlocks({ dtype, shape, bytes }: TensorInfo): boolean {
  if (!isQuantized(dtype)) return false;
  const block = QUANTIZED_DTYPES[dtype];
  const blocks = shape.reduce((product, size) => product * size, 1) / block.elements;
  return (shape.at(-1) ?? 1) % block.elements === 0 && bytes === blocks * block.bytes;
}

/** Whether its elements can be computed with. Everything else is listed, never compared. */
export function isComputable(tensor: TensorInfo): boolean {
  if (tensor.opaque !== undefined) return false;
  const parts = partsOf(tensor);
  return parts.length > 0 ? parts.every(isComputable) : isPlain(tensor.dtype) || hasWholeBlocks(tensor);
}

/** Every stored tensor behind a tensor, itself where it is stored as it is. */
export function storedTensors(tensor: TensorInfo): TensorInfo[] {
  const parts = partsOf(tensor);
  return parts.length === 0 ? [tensor] : parts.flatMap(storedTensors);
}

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
  /** Rows and columns of the blocks that share a scale in quantised weights; null without such a declaration. */
  scaleBlock: z.tuple([z.number().int().positive(), z.number().int().positive()]).nullable(),
  /** Routed experts of a layer. */
  experts: z.number().int().positive().nullable(),
  /** Width of the hidden layer of a feed-forward block, and of one expert. */
  intermediateSize: z.number().int().positive().nullable(),
  expertIntermediateSize: z.number().int().positive().nullable(),
});
export type ModelConfig = z.infer<typeof ModelConfig>;

const CHECKPOINT_FORMATS = [
  'safetensors',
  'safetensors-sharded',
  'safetensors-file',
  'pytorch',
  'pytorch-sharded',
  'pytorch-file',
  'gguf',
  'gguf-sharded',
  'adapter',
  'recipe',
] as const;

/** A set of named tensors on disk, opened read-only, headers only. */
export const Checkpoint = z.object({
  /** Absolute path that was asked for. */
  path: z.string(),
  /** Short name for people: folder name, or org/name@commit in a Hugging Face cache. */
  title: z.string(),
  format: z.enum(CHECKPOINT_FORMATS),
  config: ModelConfig.nullable(),
  tensors: z.array(TensorInfo),
  /** Distinct files that hold tensors, absolute. */
  files: z.array(z.string()),
  /** Sum over tensors, tied aliases included. */
  parameters: z.number().int().nonnegative(),
  bytes: z.number().int().nonnegative(),
  /** Oddities that do not prevent work, in words. */
  warnings: z.array(z.string()),
  /** For an adapter: the checkpoint that it is laid on, the ranks of its updates, and how many tensors they change. */
  adapter: z
    .object({ base: z.string(), ranks: z.array(z.number().int().positive()), targets: z.number().int() })
    .optional(),
  /** For a recipe: its target, and the tensors that differ from the target's: computed ones, and those taken from other inputs as they are. */
  recipe: z
    .object({
      target: z.string(),
      edits: z.number().int(),
      made: z.array(z.string()),
      taken: z.array(z.string()),
    })
    .optional(),
  /** Number of the folder, when it is named checkpoint-N, global_step_N, step_N, epoch_N or iter_N. */
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
  /** Routed expert that it belongs to, from 0; null outside routed experts. */
  expert: z.number().int().nonnegative().nullable(),
  /** Another tensor whose weights this one shares; counted there. */
  tiedTo: z.string().nullable(),
});
export type TensorRole = z.infer<typeof TensorRole>;

export const InspectedCollection = z.object({
  kind: z.literal('collection'),
  path: z.string(),
  /** Checkpoints found below, in natural order of their paths. */
  found: z.array(
    z.object({
      path: z.string(),
      title: z.string(),
      format: z.string(),
      step: z.number().nullable(),
      /** Of an adapter, those of its own matrices. */
      parameters: z.number(),
      bytes: z.number(),
    }),
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
