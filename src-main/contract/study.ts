import { z } from 'zod';
import { ReportedError } from './reportedError.ts';
import { Role } from './rows.ts';

const Label = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._@/ -]{0,63}$/, 'a label has 1 to 64 letters, digits, spaces or . _ @ / -');

export const Variant = z.object({
  label: Label,
  role: Role,
  /** Checkpoint path: absolute, or relative to the study folder. */
  path: z.string().min(1),
  /** What it was trained from, and is compared with: "base" or the label of another variant. */
  from: z.string().default('base'),
  /** For an adapter: the checkpoint that it is laid on, when it is not the one that its own configuration names. */
  adapterBase: z.string().min(1).nullable().default(null),
  run: z.string().nullable().default(null),
  step: z.number().int().nonnegative().nullable().default(null),
});
export type Variant = z.infer<typeof Variant>;

export const StudyOptions = z.object({
  /** Measure ids; empty means all that are not optional. */
  measures: z.array(z.string()).default([]),
  /** Ids of optional measures to be added to those. */
  also: z.array(z.string()).default([]),
  /** Dimension of the principal subspaces; capped at half the smaller side of each matrix. */
  k: z.number().int().positive().max(4096).default(128),
  /** Inclusive layer ranges; empty means all. */
  layers: z.array(z.tuple([z.number().int().nonnegative(), z.number().int().nonnegative()])).default([]),
  /** Module names; empty means all. */
  modules: z.array(z.string()).default([]),
  /** Absolute tolerances of the tolerance sweep. */
  tolerances: z.array(z.number().positive()).max(8).default([1e-8, 1e-7, 1e-6, 1e-5]),
  /** Further dimensions at which principal angles are given. */
  kSweep: z.array(z.number().int().positive().max(4096)).max(16).default([8, 32]),
  /** Share of the entries that the principal and the low-magnitude mask hold. */
  maskShare: z.number().gt(0).lt(1).default(0.3),
  /** Rank of the reconstruction behind the principal mask; capped like k, and at k. */
  maskRank: z.number().int().positive().max(4096).default(64),
  /** Also decompose embeddings and the output head. */
  spectralEmbeddings: z.boolean().default(false),
});
export type StudyOptions = z.infer<typeof StudyOptions>;

/** study.json */
export const StudyFile = z.object({
  schema: z.literal('polarimeter.study/1'),
  name: z.string().min(1).max(200),
  base: z.object({ path: z.string().min(1) }),
  variants: z.array(Variant).min(1).max(64),
  options: StudyOptions,
  /** Where the checkpoints come from, in words; shown with the results. */
  notes: z.array(z.string()).default([]),
});
export type StudyFile = z.infer<typeof StudyFile>;

/** What a run will cost, estimated before it starts. */
export const CostEstimate = z.object({
  /** Tensors to be computed, and how many of the results are there already. */
  tensors: z.number().int(),
  cached: z.number().int(),
  bytesRead: z.number(),
  /** Floating-point operations of the decompositions. */
  flops: z.number(),
  millis: z.number(),
  /** Largest workspace of a single tensor, and of all threads together within the budget. */
  largestTensorBytes: z.number(),
  peakBytes: z.number(),
});
export type CostEstimate = z.infer<typeof CostEstimate>;

/** What a run does with a tensor, in this order; made are those that a recipe changes. */
export const Stage = z.enum(['make', 'hash', 'elements', 'decompose', 'angles', 'store']);
export type Stage = z.infer<typeof Stage>;

/** What a run has spent on one stage so far. */
export const StageWork = z.object({
  /** Time of work, summed over the tensors that are computed side by side. */
  millis: z.number(),
  /** Tensors that are finished and went through it. */
  tensors: z.number().int(),
  bytes: z.number(),
  flops: z.number(),
});
export type StageWork = z.infer<typeof StageWork>;

/** One event of a running study. */
export const Progress = z.object({
  /**
   * interrupted: the process that ran the study is gone without having ended the run; it can be resumed.
   * elsewhere: another process runs it; what it has stored is counted.
   */
  state: z.enum([
    'idle',
    'planning',
    'running',
    'cancelling',
    'done',
    'cancelled',
    'failed',
    'interrupted',
    'elsewhere',
  ]),
  /** Tensors (times references) finished, and in all. */
  done: z.number().int(),
  total: z.number().int(),
  cached: z.number().int(),
  skipped: z.number().int(),
  /** Of the skipped ones, those that the memory budget left out. */
  overBudget: z.number().int(),
  /** What was begun last, of what is being computed right now. */
  tensor: z.string().nullable(),
  stage: Stage.nullable(),
  /** Every tensor that is being computed; of an interrupted run, those that were when it ended. */
  inFlight: z.array(z.string()),
  stages: z.object({
    make: StageWork,
    hash: StageWork,
    elements: StageWork,
    decompose: StageWork,
    angles: StageWork,
    store: StageWork,
  }),
  bytesRead: z.number(),
  bytesPerSecond: z.number(),
  flopsPerSecond: z.number(),
  millisElapsed: z.number(),
  millisLeft: z.number().nullable(),
  /** Workspace in use, budget, and resident anonymous memory of the process, in bytes. */
  workspaceBytes: z.number(),
  budgetBytes: z.number(),
  anonymousBytes: z.number().nullable(),
  /** Number of the process that runs the study, where that is another one. */
  runner: z.number().int().nullable(),
  error: ReportedError.nullable(),
});
export type Progress = z.infer<typeof Progress>;

/** What decides how a run uses the machine; it never changes a result. */
export interface RunLimits {
  readonly memoryBytes: number;
  readonly threads: number;
}
