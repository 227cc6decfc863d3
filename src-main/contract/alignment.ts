import { z } from 'zod';
import { TensorInfo, TensorRole } from './checkpoint.ts';

/** Why a tensor is not compared, or only counted once. */
export const ALIGNMENT_REASONS = {
  'only-in-reference': 'the variant has no tensor of this name',
  'only-in-variant': 'the reference has no tensor of this name',
  'shape-differs': 'the shapes differ',
  'opaque-dtype': 'the element type is not one that can be compared',
  'tied-alias': 'shares its weights with another tensor and is counted there',
  bookkeeping: 'quantisation bookkeeping or a buffer, not a parameter',
  empty: 'has no elements',
  'not-selected': 'left out by --layers or --modules',
} as const;
export type AlignmentReason = keyof typeof ALIGNMENT_REASONS;

/** One tensor name of a reference and a variant, and what becomes of it. */
export const AlignedTensor = z.object({
  /** The name in the reference, or in the variant when the reference has none. */
  tensor: z.string(),
  role: TensorRole,
  status: z.enum(['compared', 'not-compared']),
  reason: z.enum(Object.keys(ALIGNMENT_REASONS) as [AlignmentReason, ...AlignmentReason[]]).nullable(),
  /** Detail in words, e.g. "[32000, 4096] and [32064, 4096]"; of a compared tensor a note (another name in the variant) or null. */
  detail: z.string().nullable(),
  /** Both sides as they are compared: of a tensor that is compared in part, the common part. */
  reference: TensorInfo.nullable(),
  variant: TensorInfo.nullable(),
  /** Elements of the larger side in whole: more than those compared where only a part is common. */
  elements: z.number().int().nonnegative(),
});
export type AlignedTensor = z.infer<typeof AlignedTensor>;

/** Whether a tensor is counted elsewhere or nowhere: it is no parameter of its own. */
export const isUncounted = ({ reason }: Pick<AlignedTensor, 'reason'>): boolean =>
  reason === 'tied-alias' || reason === 'bookkeeping' || reason === 'empty';

/** Every tensor of a reference and one variant. Nothing is left out silently. */
export const Alignment = z.object({
  reference: z.string(),
  variant: z.string(),
  tensors: z.array(AlignedTensor),
  compared: z.number().int(),
  notCompared: z.number().int(),
  /** Of the compared ones, those of which only a part is common to both sides. */
  partial: z.number().int(),
  /** Parameters of the compared tensors, and of the reference in all, tied weights once. */
  parametersCompared: z.number().int(),
  parametersReference: z.number().int(),
});
export type Alignment = z.infer<typeof Alignment>;
