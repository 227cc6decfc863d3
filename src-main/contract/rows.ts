import { z } from 'zod';

/** JSON has no NaN or infinity: they travel as words, and null means "not defined, see reason". */
export const NumberOrWord = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity'])]);

export const ROLES = ['sft', 'rl', 'other'] as const;
export const Role = z.enum(ROLES);
export type Role = z.infer<typeof Role>;

/** One value of one measure: for a tensor, or aggregated (tensor null) over a module, a layer or the model. */
export const Row = z.object({
  variant: z.string(),
  role: Role,
  /** What the variant is compared with: "base" or the label of another variant. */
  reference: z.string(),
  /** tensor: one tensor. module, layer, overall: aggregated. */
  level: z.enum(['tensor', 'module', 'layer', 'overall']),
  tensor: z.string().nullable(),
  layer: z.number().int().nullable(),
  module: z.string().nullable(),
  measure: z.string(),
  value: NumberOrWord.nullable(),
  unit: z.string(),
  baseline: NumberOrWord.nullable(),
  /** Method and device, e.g. "svd_gram_f64 (cpu)". */
  method: z.string(),
  parameters: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
  /** Element types compared, e.g. "BF16" or "F32 vs BF16". */
  dtype: z.string(),
  /** Citation of the definition. */
  source: z.string(),
  /** How many tensors are behind an aggregated value; 1 for a tensor. */
  tensors: z.number().int(),
  /** Middle half of the per-tensor values behind an aggregate, for measures averaged over matrices. */
  spread: z.object({ q1: z.number(), median: z.number(), q3: z.number() }).nullable(),
  /** Largest relative residual of the decompositions behind the value; null where there are none. */
  residual: z.number().nullable(),
  /** Why value is null. */
  reason: z.string().nullable(),
});
export type Row = z.infer<typeof Row>;

export const RowsDocument = z.object({
  schema: z.literal('polarimeter.rows/1'),
  study: z.string(),
  rows: z.array(Row),
});
export type RowsDocument = z.infer<typeof RowsDocument>;

/** A named series of numbers of one tensor, e.g. singular values or the angle curve. */
export const Curve = z.object({
  variant: z.string(),
  reference: z.string(),
  tensor: z.string(),
  /** e.g. "spectrum-reference", "update-spectrum", "angles-left", "row-changed", "svf-z". */
  name: z.string(),
  unit: z.string(),
  /** Of a profile along the axis of attention heads: entries of one head; null elsewhere. */
  headSize: z.number().int().positive().nullable(),
  values: z.array(z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity'])])),
});
export type Curve = z.infer<typeof Curve>;

/** GET /api/studies/:id/curves?tensor=, and study curves --json */
export const CurvesDocument = z.object({
  schema: z.literal('polarimeter.curves/1'),
  study: z.string(),
  tensor: z.string(),
  curves: z.array(Curve),
});
export type CurvesDocument = z.infer<typeof CurvesDocument>;

/** How many weights exactly c of the runs of a set changed, for c from 0 to their number, beside what independent runs would give. */
export const Consensus = z.object({
  role: Role,
  reference: z.string(),
  /** Labels of the runs: the last checkpoints of all runs of the role. */
  runs: z.array(z.string()).min(2),
  /** Weights by the number of runs that changed them: runs + 1 counts; null where nothing is computed yet. */
  counts: z.array(z.number()).nullable(),
  /** The same for independent masks of the same densities, tensor by tensor. */
  expected: z.array(z.number()).nullable(),
  tensors: z.number().int(),
});
export type Consensus = z.infer<typeof Consensus>;

/** GET /api/studies/:id/consensus?layers=&module=, and study consensus --json */
export const ConsensusDocument = z.object({
  schema: z.literal('polarimeter.consensus/1'),
  study: z.string(),
  sets: z.array(Consensus),
});
export type ConsensusDocument = z.infer<typeof ConsensusDocument>;
