/** A recipe: a checkpoint that is not written yet, as a readable file. Named inputs, and edits of one of them, in order. */
import { z } from 'zod';

const Name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._@/-]{0,63}$/, 'a name has 1 to 64 letters, digits or . _ @ / -');

/** "3-7" or "3", from 0, inclusive; in YAML, 3 without quotes is a number. */
export const LayerRange = z.preprocess(
  (value) => (typeof value === 'number' ? String(value) : value),
  z.string().regex(/^\d{1,9}(-\d{1,9})?$/, 'layers are written "3-7" or "3"'),
);

/** Which tensors an edit concerns: all conditions that are given must hold. */
export const TensorSelector = z.strictObject({
  /** Ranges of transformer layers; tensors outside the layers are then left out. */
  layers: z.array(LayerRange).min(1).optional(),
  /** Modules as rows name them, e.g. q_proj, embed_tokens. */
  modules: z.array(z.string().min(1)).min(1).optional(),
  /** Names of tensors; * stands for any number of characters. */
  names: z.array(z.string().min(1)).min(1).optional(),
  shapes: z.array(z.array(z.number().int().positive()).min(1)).min(1).optional(),
  kinds: z
    .array(z.enum(['matrix', 'embedding', 'head', 'norm', 'bias', 'other']))
    .min(1)
    .optional(),
});
export type TensorSelector = z.infer<typeof TensorSelector>;

/** So many singular directions: a number, capped at the smaller side d of each matrix, or a share of d, rounded to the nearest number. */
export const Directions = z.union([
  z.number().int().nonnegative(),
  z.string().regex(/^(100|\d{1,2}(\.\d{1,6})?) ?%$/, 'directions are a number, or a share such as "25 %"'),
]);
export type Directions = z.infer<typeof Directions>;

const common = {
  /** Absent: every tensor that the edit can change; of edits of singular directions the matrices of the layers. */
  tensors: TensorSelector.optional(),
};

/** Tensors of the donor, bit for bit: shallow reset, any set of layers. */
const Take = z.strictObject({ edit: z.literal('take'), from: Name, ...common });

/**
 * Singular directions restored from a donor D; T is the tensor as it is so far. With R the chosen indices and everything else left alone:
 * - vectors and values of the donor: T - T_R + D_R, the swap of whole triplets (arXiv 2509.12235, `svd_recover.py`);
 * - vectors of the donor, values of the target: direction only (`_dir`);
 * - vectors of the target, values of the donor: values only.
 * `paper` mixes triplets as the published code does: the mixed bases are not orthonormal, so that the spectrum is not what it claims.
 * `orthonormal` replaces each mixed basis by its polar factor: the nearest orthonormal one, so that it is.
 */
const Restore = z.strictObject({
  edit: z.literal('restore'),
  from: Name,
  /** Leading directions, trailing ones, and a band of them: indices from 1, inclusive. */
  top: Directions.optional(),
  bottom: Directions.optional(),
  band: z.tuple([z.number().int().positive(), z.number().int().positive()]).optional(),
  values: z.enum(['donor', 'target']).default('donor'),
  vectors: z.enum(['donor', 'target']).default('donor'),
  variant: z.enum(['paper', 'orthonormal']).default('paper'),
  ...common,
});

/** T + amount (X - T): 0 leaves the target, 1 is the other, above 1 and below 0 extrapolate. */
const Interpolate = z.strictObject({
  edit: z.literal('interpolate'),
  to: Name,
  amount: z.number(),
  ...common,
});

/** B + factor (T - B). */
const ScaleUpdate = z.strictObject({
  edit: z.literal('scale-update'),
  since: Name,
  factor: z.number(),
  ...common,
});

/** B + the leading part of the singular value decomposition of T - B; `restored` scales it to the Frobenius norm of T - B (arXiv 2510.00553). */
const TruncateUpdate = z.strictObject({
  edit: z.literal('truncate-update'),
  since: Name,
  rank: Directions,
  norm: z.enum(['kept', 'restored']).default('kept'),
  ...common,
});

/** B + M * (T - B), elementwise; M is 1 where the mask selects. */
const MaskUpdate = z.strictObject({
  edit: z.literal('mask-update'),
  since: Name,
  mask: z.discriminatedUnion('kind', [
    /** Where another input's bf16 value differs from `since` (arXiv 2511.08567, Def. 2.1). */
    z.strictObject({ kind: z.literal('changed-by'), by: Name }),
    /** The share of the entries of `since` with the largest magnitude in its rank-k reconstruction (section 1.6). */
    z.strictObject({ kind: z.literal('principal'), share: z.number().gt(0).lt(1), rank: Directions }),
    /** The share of the entries of `since` with the smallest magnitude. */
    z.strictObject({ kind: z.literal('low-magnitude'), share: z.number().gt(0).lt(1) }),
    z.strictObject({ kind: z.literal('random'), share: z.number().gt(0).lt(1) }),
  ]),
  /** What the mask does not select, instead. */
  complement: z.boolean().default(false),
  ...common,
});

const SvfExpert = z.strictObject({
  /** Fitted: z_i = u_i^T W v_i / sigma_i, W of this input, u, v, sigma of the target. */
  fit: Name.optional(),
  /** Given: one factor for all directions, or one for each of the leading ones, the rest 1. */
  z: z.union([z.number(), z.array(z.number()).min(1)]).optional(),
  weight: z.number().default(1),
});

/** U diag(sigma * z) V^T with z the weighted sum over the experts (arXiv 2501.06252). */
const Svf = z.strictObject({
  edit: z.literal('svf'),
  experts: z.array(SvfExpert).min(1),
  /** `nuclear` restores the sum of the singular values, as the released code does. */
  norm: z.enum(['free', 'nuclear']).default('free'),
  /** Directions with sigma_i below this share of sigma_1 keep z = 1: z means nothing there. */
  floor: z.number().nonnegative().default(1e-6),
  ...common,
});

/** V and O rotated by an orthogonal matrix per key/value head: function preserving (arXiv 2511.08567, App. D). In float64. */
const RotateHeads = z.strictObject({
  edit: z.literal('rotate-heads'),
  rotation: z.enum(['haar', 'hadamard']).default('haar'),
  layers: z.array(LayerRange).min(1).optional(),
});

/** Key/value heads, and the query heads that belong to each, in another order: function preserving, exact. */
const PermuteHeads = z.strictObject({
  edit: z.literal('permute-heads'),
  layers: z.array(LayerRange).min(1).optional(),
  /** Where each key/value head comes from; absent: drawn from the seed. */
  order: z.array(z.number().int().nonnegative()).min(1).optional(),
});

type InnerEdit =
  | z.infer<typeof Take>
  | z.infer<typeof Restore>
  | z.infer<typeof Interpolate>
  | z.infer<typeof ScaleUpdate>
  | z.infer<typeof TruncateUpdate>
  | z.infer<typeof MaskUpdate>
  | z.infer<typeof Svf>;

const INNER = [Take, Restore, Interpolate, ScaleUpdate, TruncateUpdate, MaskUpdate, Svf] as const;

/**
 * A control: per tensor a step as long, in Frobenius norm, as the one that `like` would make, in another direction:
 * random (independent normal entries), or straight to another input.
 */
const MatchedStep = z.strictObject({
  edit: z.literal('matched-step'),
  like: z.array(z.discriminatedUnion('edit', [...INNER])).min(1),
  direction: z.union([z.literal('random'), z.strictObject({ to: Name })]),
});

export const Edit = z.discriminatedUnion('edit', [...INNER, RotateHeads, PermuteHeads, MatchedStep]);
export type Edit = z.infer<typeof Edit>;
export type EditKind = Edit['edit'];
export type MatchableEdit = InnerEdit;

export const RecipeInput = z.strictObject({
  /** Absolute, or relative to the folder of the recipe: a checkpoint or another recipe. */
  path: z.string().min(1),
  /** Content of all its tensors, as `polarimeter recipe pin` writes it; absent: not pinned. */
  fingerprint: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .optional(),
});

/** NAME.yaml, or .json */
export const Recipe = z.strictObject({
  schema: z.literal('polarimeter.recipe/1'),
  name: z.string().min(1).max(200),
  /** Which input is edited. */
  target: Name,
  inputs: z.record(Name, RecipeInput),
  edits: z.array(Edit).max(1000),
  /** Of everything drawn at random; each tensor and edit draws from a stream of its own. */
  seed: z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER).default(0),
  notes: z.array(z.string()).default([]),
});
export type Recipe = z.infer<typeof Recipe>;

/** What was measured of one tensor while it was made. */
export const MadeTensor = z.object({
  tensor: z.string(),
  /** Numbers of the edits that changed it, from 1. */
  edits: z.array(z.number().int().positive()),
  /** Taken from another input as it is: nothing is computed or kept. */
  taken: z.boolean(),
  bytes: z.number(),
  /** Frobenius norms, float64: of the step from the target before rounding, and of what rounding to the stored dtype added. */
  moved: z.number().nullable(),
  rounding: z.number().nullable(),
  /** Of function-preserving edits: largest relative change of the per-head product of o_proj and v_proj before rounding. */
  productError: z.number().nullable(),
});
export type MadeTensor = z.infer<typeof MadeTensor>;
