import { z } from 'zod';
import { ALIGNMENT_REASONS, type AlignmentReason } from './alignment.ts';

const index = z.number().int().nonnegative();
const Indices = z.array(index);

/**
 * GET /api/studies/:id/alignment-report : every tensor of every variant and its reference, for tables of hundreds of thousands of lines. The
 * columns of a variant have one entry per line; each entry is an index into a list, so that a name or a shape is written once.
 */
export const AlignmentReport = z.object({
  schema: z.literal('polarimeter.alignment-report/1'),
  names: z.array(z.string()),
  /** Module of each name, e.g. "q_proj". */
  modules: z.array(z.string()),
  /** "[4096, 4096]"; the first is "", for a side that has no such tensor. */
  shapes: z.array(z.string()),
  /** Likewise. */
  dtypes: z.array(z.string()),
  /** Details in words; the first is "", for none. */
  details: z.array(z.string()),
  /** The first is "", for tensors that are compared. */
  reasons: z.array(z.union([z.literal(''), z.enum(Object.keys(ALIGNMENT_REASONS) as AlignmentReason[])])),
  variants: z.array(
    z.object({
      variant: z.string(),
      reference: z.string(),
      name: Indices,
      reason: Indices,
      detail: Indices,
      referenceShape: Indices,
      variantShape: Indices,
      referenceDtype: Indices,
      variantDtype: Indices,
      /** Lines, counted from 0, of which only a part is compared. */
      partial: Indices,
    }),
  ),
});
export type AlignmentReport = z.infer<typeof AlignmentReport>;
