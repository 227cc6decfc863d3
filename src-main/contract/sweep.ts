/** A sweep: many recipes with their controls, evaluated on the same problems. */
import { z } from 'zod';
import { EvaluatorChoice, EvaluatorInfo, GenerationSettings } from './evaluator.ts';
import { Accuracy, Paired, ProbeChoice, ProbeKind, Recovery } from './probe.ts';
import { Directions, LayerRange, Recipe, TensorSelector } from './recipe.ts';
import { ReportedError } from './reportedError.ts';

const Share = z.number().gt(0).max(1);

/** One line of the grid; every list is crossed with the others. */
export const GridEntry = z.discriminatedUnion('kind', [
  /** The first, or last, share of the layers taken from the donor; embeddings and head stay unless asked for. */
  z.strictObject({
    kind: z.literal('reset-layers'),
    shares: z.array(Share).min(1),
    end: z.enum(['first', 'last']).default('first'),
    /** Embeddings, head and final norm as well: the published layer experiments always did (section 4.1, confound ii). */
    withEmbeddings: z.boolean().default(false),
  }),
  z.strictObject({
    kind: z.literal('restore'),
    directions: z.array(Directions).min(1),
    part: z
      .array(z.enum(['head', 'tail', 'head-and-tail']))
      .min(1)
      .default(['head']),
    what: z
      .array(z.enum(['triplets', 'directions', 'values']))
      .min(1)
      .default(['directions']),
    variant: z
      .array(z.enum(['paper', 'orthonormal']))
      .min(1)
      .default(['paper']),
    tensors: TensorSelector.optional(),
  }),
  z.strictObject({
    kind: z.literal('interpolate'),
    amounts: z.array(z.number()).min(1),
    tensors: TensorSelector.optional(),
  }),
  z.strictObject({
    kind: z.literal('truncate-update'),
    ranks: z.array(Directions).min(1),
    norm: z.enum(['kept', 'restored']).default('kept'),
  }),
  /** Recipe files as they are. */
  z.strictObject({ kind: z.literal('recipes'), paths: z.array(z.string().min(1)).min(1) }),
]);
export type GridEntry = z.infer<typeof GridEntry>;

export const ControlChoice = z.object({
  /** As many layers as a layer reset takes, drawn at random: equal parameter count. So many draws for each reset. */
  randomLayers: z.number().int().min(0).max(20).default(2),
  /** A random step of equal norm in every tensor, for each repair. */
  randomStep: z.number().int().min(0).max(20).default(1),
  /** A step of equal norm straight to the donor, for each repair of directions. */
  matchedRollBack: z.boolean().default(true),
  /** Everything from the donor; embeddings and head alone. */
  fullRollBack: z.boolean().default(true),
  embeddingsApart: z.boolean().default(true),
});
export type ControlChoice = z.infer<typeof ControlChoice>;

const Model = z.object({
  label: z.string().min(1).max(64),
  /** Absolute, or relative to the file: a checkpoint or a recipe. */
  path: z.string().min(1),
});

/** What automatic repair may spend and how it chooses. */
export const RepairChoice = z.object({
  /** Recipes times share of the selection problems, in full evaluations. */
  evaluations: z.number().positive().max(10_000).default(24),
  /** Each rung keeps one of so many and gives the rest of the problems to them. */
  keepOneOf: z.number().min(2).max(8).default(2),
  /** Share of the problems that are held out to confirm the winner. */
  heldOut: z.number().gt(0).lt(1).default(0.5),
  /** ID accuracy that a repair may cost, in points of accuracy, to be taken. */
  mayCost: z.number().min(0).max(1).default(0.02),
});
export type RepairChoice = z.infer<typeof RepairChoice>;

/** sweep.yaml, and sweep.json in the folder of the sweep */
export const SweepFile = z.object({
  schema: z.literal('polarimeter.sweep/1'),
  name: z.string().min(1).max(200),
  /** What forgot, e.g. SFT; what is restored from; what recovery is measured against: null is the donor. */
  target: Model,
  donor: Model,
  reference: Model.nullable().default(null),
  /** Shown beside, e.g. what RL made of the target. */
  others: z.array(Model).max(32).default([]),
  probes: z.array(ProbeChoice).min(1).max(16),
  grid: z.array(GridEntry).default([]),
  controls: ControlChoice.prefault({}),
  /** Present: choose by successive halving instead of evaluating everything in full. */
  repair: RepairChoice.nullable().default(null),
  evaluator: EvaluatorChoice.prefault({ kind: 'embedded' }),
  settings: GenerationSettings.prefault({}),
  seed: z.number().int().nonnegative().max(0xffffffff).default(42),
});
export type SweepFile = z.infer<typeof SweepFile>;

/** One thing to be evaluated. */
export const Trial = z.object({
  /** Stable in the sweep: from what it does. */
  id: z.string(),
  label: z.string(),
  /** model: an unedited checkpoint, e.g. target or donor. */
  kind: z.enum(['model', 'repair', 'control']),
  /** Of a model: what it is for. */
  part: z.enum(['target', 'donor', 'reference', 'other']).nullable(),
  /** Of a control: which repairs it is the control of. Full roll-back and embeddings are of all. */
  controlOf: z.array(z.string()),
  family: z.string(),
  /** What distinguishes it in its family, for tables and axes, e.g. { k: 16, part: "head" }. */
  parameters: z.record(z.string(), z.union([z.string(), z.number()])),
  /** Null for a model. */
  recipe: Recipe.nullable(),
  /** Confounds of section 4.1 that apply to it, in words, e.g. how many matrices are rolled back in full. */
  confounds: z.array(z.string()),
});
export type Trial = z.infer<typeof Trial>;

export const TrialProbe = z.object({
  probe: z.string(),
  kind: ProbeKind,
  accuracy: Accuracy,
  /** Against the target, on the same problems. Null for the target. */
  versusTarget: Paired.nullable(),
  /** Against the best of its controls on this probe: the one with the highest accuracy. Null where it has none. */
  versusControl: Paired.extend({ control: z.string() }).nullable(),
  /** Null where nothing was lost on this probe, or for an ID probe without a loss. */
  recovery: Recovery.nullable(),
  verdicts: z.record(z.string(), z.number().int()),
});
export type TrialProbe = z.infer<typeof TrialProbe>;

export const TrialCost = z.object({
  makeSeconds: z.number(),
  patchSeconds: z.number(),
  answerSeconds: z.number(),
  bytesWritten: z.number(),
});
export type TrialCost = z.infer<typeof TrialCost>;

export const TrialResult = z.object({
  trial: Trial,
  state: z.enum(['waiting', 'making', 'answering', 'done', 'failed', 'dropped']),
  /** Why it failed, or the rung at which it was dropped. */
  reason: z.string().nullable(),
  /** ||W' - W_target||_F over all tensors that are compared, and as a share of ||W_donor - W_target||_F. */
  moved: z
    .object({ norm: z.number(), shareOfDonor: z.number().nullable(), tensors: z.number().int() })
    .nullable(),
  probes: z.array(TrialProbe),
  cost: TrialCost.nullable(),
});
export type TrialResult = z.infer<typeof TrialResult>;

/** The answer of the directional gate: reconsider RL where cheap repairs bring back most of what was lost. */
export const GateAnswer = z.object({
  /** best repair, confirmed on problems that did not choose it where there are such. */
  trial: z.string().nullable(),
  probe: z.string().nullable(),
  recovery: Recovery.nullable(),
  /** 0.7 (arXiv 2508.16546, by a secondary source). */
  threshold: z.number(),
  /** beats: the best repair beats the best control after correction. */
  verdict: z.enum([
    'reconsider-rl',
    'below-threshold',
    'not-certain',
    'no-repair-beats-control',
    'nothing-lost',
    'open',
  ]),
  sentences: z.array(z.string()),
});
export type GateAnswer = z.infer<typeof GateAnswer>;

export const Rung = z.object({
  problems: z.number().int(),
  entered: z.array(z.string()),
  kept: z.array(z.string()),
});
export type Rung = z.infer<typeof Rung>;

export const SweepProgress = z.object({
  state: z.enum(['idle', 'running', 'cancelling', 'done', 'cancelled', 'failed', 'interrupted', 'elsewhere']),
  done: z.number().int(),
  total: z.number().int(),
  /** What is being done, in words: "restore top 16 · ood 320/600". */
  doing: z.string().nullable(),
  millisElapsed: z.number(),
  millisLeft: z.number().nullable(),
  answersPerSecond: z.number().nullable(),
  anonymousBytes: z.number().nullable(),
  error: ReportedError.nullable(),
});
export type SweepProgress = z.infer<typeof SweepProgress>;

/** What a sweep will cost, before it starts. */
export const SweepEstimate = z.object({
  trials: z.number().int(),
  answers: z.number().int(),
  /** Already answered. */
  cached: z.number().int(),
  modelBytes: z.number(),
  diskBytes: z.number(),
  memoryBytes: z.number(),
});
export type SweepEstimate = z.infer<typeof SweepEstimate>;

/** sweep --json, GET /api/studies/:id/sweeps/:sweep */
export const SweepDocument = z.object({
  schema: z.literal('polarimeter.sweep-result/1'),
  id: z.string(),
  folder: z.string(),
  file: SweepFile,
  progress: SweepProgress,
  estimate: SweepEstimate.nullable(),
  evaluator: EvaluatorInfo.nullable(),
  results: z.array(TrialResult),
  /** Of automatic repair. */
  rungs: z.array(Rung),
  /** How many tests the correction is over. */
  comparisons: z.number().int(),
  gate: GateAnswer,
});
export type SweepDocument = z.infer<typeof SweepDocument>;

/** GET /api/studies/:id/lab : what can be swept in a study */
export const LabView = z.object({
  embedded: z.object({
    available: z.boolean(),
    engine: z.string().nullable(),
    devices: z.array(z.string()),
    reason: z.string().nullable(),
  }),
  /** Base and variants, with what stands against evaluating them here, if anything does. */
  models: z.array(
    z.object({
      label: z.string(),
      role: z.string(),
      path: z.string(),
      bytes: z.number(),
      obstacle: z.string().nullable(),
    }),
  ),
  layers: z.array(z.number().int()),
  modules: z.array(z.string()),
  smallestSide: z.number().int().nullable(),
  /** Probe files that the study knows: of the demo, of earlier sweeps, in its folder. */
  probes: z.array(ProbeChoice.extend({ problems: z.number().int() })),
  /** What answers of this study need, where that is known. */
  settings: GenerationSettings.nullable(),
  sweeps: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      state: SweepProgress.shape.state,
      trials: z.number().int(),
      done: z.number().int(),
    }),
  ),
});
export type LabView = z.infer<typeof LabView>;

/** POST /api/studies/:id/sweeps : a SweepFile with absolute paths; replies { id }. POST …/sweeps/:sweep/run and …/cancel have no body. */
export const CreateSweep = z.object({ file: SweepFile });
export type CreateSweep = z.infer<typeof CreateSweep>;

/** POST /api/studies/:id/sweeps/plan : the trials of a SweepFile, without making anything */
export const SweepPlan = z.object({ trials: z.array(Trial), estimate: SweepEstimate });
export type SweepPlan = z.infer<typeof SweepPlan>;

/** POST …/sweeps/:sweep/export */
export const ExportTrial = z.object({
  trial: z.string(),
  as: z.enum(['recipe', 'checkpoint', 'gguf', 'mergekit']),
  /** Absolute; must not be there yet. */
  path: z.string().min(1),
});
export type ExportTrial = z.infer<typeof ExportTrial>;

export const Exported = z.object({ path: z.string(), bytes: z.number(), notes: z.array(z.string()) });
export type Exported = z.infer<typeof Exported>;

/** For layer sets in grids. */
export const LayerRanges = z.array(LayerRange);
