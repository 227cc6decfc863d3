import { z } from 'zod';

/** How per-tensor values become one value for a layer, a module or the whole model. */
export const AGGREGATIONS = {
  'parameter-weighted': 'sum over elements of all tensors (every parameter counts once)',
  'unweighted-mean': 'unweighted mean over matrices',
  'ratio-of-sums': 'ratio of sums over matrices',
  'root-sum-square': 'norm over all elements of all tensors',
  maximum: 'largest over tensors',
  total: 'sum over tensors',
} as const;
export type Aggregation = keyof typeof AGGREGATIONS;

/** Behind the unit of a value that is given per unit of relative update norm. */
export const PER_NORM = 'per 1 % of |dW|/|W|';

export const UNITS = ['share', 'count', 'weight', 'ratio', 'degrees', 'dimensions', 'cosine'] as const;

export const MeasureSource = z.object({
  /** arXiv id, or null for the project's own derivation. */
  arxiv: z.string().nullable(),
  /** e.g. "Def. 2.1, 2.2" or "own derivation: Mirsky's inequality". */
  where: z.string(),
});

/** One definition applied to a reference and a variant. */
export const MeasureInfo = z.object({
  /** Stable, dotted, lower-case. */
  id: z.string().regex(/^[a-z0-9]+(\.[a-z0-9]+([-_][a-z0-9]+)*)+$/),
  version: z.number().int().positive(),
  /** Capability group: B1, B2, … */
  group: z.string(),
  title: z.string(),
  formula: z.string(),
  /** What it tells and what it does not, in one or two sentences. */
  meaning: z.string(),
  parameters: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
  /** share is 0 to 1 (shown as per cent); weight is the unit of the weights themselves. */
  unit: z.union([z.enum(UNITS), z.templateLiteral([z.enum(UNITS), ` ${PER_NORM}`])]),
  /** What chance, rounding or counting alone would give; null when there is none. */
  baseline: z.object({ title: z.string(), formula: z.string() }).nullable(),
  aggregation: z.enum(Object.keys(AGGREGATIONS) as [Aggregation, ...Aggregation[]]),
  /**
   * One value per variant, per ordered pair of variants with the same reference, or per set of all variants of one role with the same
   * reference.
   */
  arity: z.enum(['variant', 'pair-of-variants', 'set-of-variants']),
  /** Whether it leads the overview. */
  headline: z.boolean(),
  /** Which tensors it applies to. */
  scope: z.enum(['all-parameters', 'matrices', 'heads', 'experts']),
  /** For shares: how the opposite reads, e.g. "changed". */
  complement: z.string().nullable(),
  /** Computed only when it is asked for by name: costly, or of use to some only. */
  optional: z.boolean(),
  /**
   * What it becomes per unit of relative update norm: the value, or its complement, divided by |dW|_F / |W|_F; or nothing, because it
   * does not grow with the norm.
   */
  normMatched: z.enum(['value', 'complement', 'invariant']),
  sources: z.array(MeasureSource),
});
export type MeasureInfo = z.infer<typeof MeasureInfo>;
