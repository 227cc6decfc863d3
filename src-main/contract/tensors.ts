import { z } from 'zod';
import { ALIGNMENT_REASONS, type AlignmentReason } from './alignment.ts';
import { TensorRole } from './checkpoint.ts';

const place = z.number().int().nonnegative();

/** What all tensors of a module have in common, layer by layer and expert by expert. */
export const TensorLayout = z.object({
  /** As rows name it: biases and other parameters are apart from the weight. */
  module: z.string(),
  kind: TensorRole.shape.kind,
  shape: z.array(place),
  /** Rows and columns of the matrix that is compared; null when no variant compares it. */
  matrix: z.object({ rows: place, cols: place }).nullable(),
  /** Element type of the reference; of the variant where the reference has no such tensor. */
  dtype: z.string(),
  /** Dimension of the principal subspaces; null when it has none, see notSpectral. */
  k: z.number().int().positive().nullable(),
  /** Why spectral measures leave it out; null when they do not. */
  notSpectral: z.string().nullable(),
  heads: TensorRole.shape.heads,
});
export type TensorLayout = z.infer<typeof TensorLayout>;

/** What becomes of a tensor in the comparisons of a study. */
export const TensorFate = z.object({
  /** Places in `variants` of those that compare it. */
  compared: z.array(place),
  notCompared: z.array(
    z.object({
      variant: place,
      reason: z.enum(Object.keys(ALIGNMENT_REASONS) as [AlignmentReason, ...AlignmentReason[]]).nullable(),
      detail: z.string().nullable(),
    }),
  ),
});
export type TensorFate = z.infer<typeof TensorFate>;

/**
 * GET /api/studies/:id/tensors : every tensor of either side, in the order of the model. An expert model has tens of thousands, of a few
 * layouts and fates: those are listed once, and tensors point at them.
 */
export const TensorsDocument = z.object({
  schema: z.literal('polarimeter.tensors/1'),
  study: z.string(),
  variants: z.array(z.string()),
  layouts: z.array(TensorLayout),
  fates: z.array(TensorFate),
  tensors: z.array(
    z.object({
      name: z.string(),
      layer: place.nullable(),
      expert: place.nullable(),
      /** Places in `layouts` and `fates`. */
      layout: place,
      fate: place,
    }),
  ),
});
export type TensorsDocument = z.infer<typeof TensorsDocument>;
