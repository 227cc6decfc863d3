/** Requests and replies of the one handler. Paths are listed beside their schemas; errors are always { error: ErrorBody }. */
import { z } from 'zod';
import { Alignment } from './alignment.ts';
import { Checkpoint, InspectedCollection, InspectedStudy } from './checkpoint.ts';
import { CheckpointHints } from './guessVariant.ts';
import { MeasureInfo } from './measure.ts';
import { PublishedReference } from './reference.ts';
import { LogLine } from './runLog.ts';
import { CostEstimate, Progress, StudyFile, StudyOptions } from './study.ts';

/** GET /api/health */
export const Health = z.object({
  version: z.string(),
  platform: z.string(),
  node: z.string(),
  /** The process that computes: a front starts another one when it ends. */
  pid: z.number().int(),
  /** The native core, or why it is not there. */
  engine: z.union([
    z.object({ isa: z.string(), blas: z.string(), blasCore: z.string(), threads: z.number().int() }),
    z.object({ error: z.string() }),
  ]),
  memoryBytes: z.number(),
});
export type Health = z.infer<typeof Health>;

/** GET /api/browse?path= : folders, for choosing checkpoints and probes (*.jsonl) where the browser has no native dialog */
export const Listing = z.object({
  path: z.string(),
  parent: z.string().nullable(),
  entries: z.array(
    z.object({
      name: z.string(),
      path: z.string(),
      kind: z.enum(['folder', 'checkpoint', 'study', 'probe']),
    }),
  ),
});
export type Listing = z.infer<typeof Listing>;

/** GET /api/studies */
export const StudySummary = z.object({
  /** Opaque; valid for the life of the server. */
  id: z.string(),
  name: z.string(),
  folder: z.string(),
  variants: z.array(z.string()),
  state: Progress.shape.state,
});
export type StudySummary = z.infer<typeof StudySummary>;

const CheckpointSummary = Checkpoint.omit({ tensors: true }).extend({
  tensorCount: z.number().int(),
  /** Element types of its tensors. */
  dtypes: z.array(z.string()),
});

/** GET /api/inspect?path= : what a path is, without the list of tensors */
export const InspectionSummary = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('checkpoint'),
    checkpoint: CheckpointSummary,
    /** For guessing what it is in a study. */
    hints: CheckpointHints,
  }),
  InspectedCollection,
  InspectedStudy,
]);
export type InspectionSummary = z.infer<typeof InspectionSummary>;

/** POST /api/studies : makes a study folder; variants' paths are absolute. Omitted folder: beside the user's other studies. */
export const CreateStudy = z.object({
  folder: z.string().nullable().default(null),
  name: StudyFile.shape.name,
  base: z.string().min(1),
  variants: StudyFile.shape.variants,
  options: StudyOptions.partial().default({}),
});
export type CreateStudy = z.infer<typeof CreateStudy>;

/** POST /api/studies/open */
export const OpenStudy = z.object({ path: z.string().min(1) });
export type OpenStudy = z.infer<typeof OpenStudy>;

/** POST /api/studies, /api/studies/open, /api/demo */
export const StudyId = z.object({ id: z.string() });
export type StudyId = z.infer<typeof StudyId>;

/** GET /api/studies/:id */
export const StudyView = z.object({
  id: z.string(),
  folder: z.string(),
  /** Grows when study.json is edited and when a run begins, wherever that was asked for. */
  revision: z.number().int().nonnegative(),
  file: StudyFile,
  base: CheckpointSummary,
  variants: z.array(
    z.object({
      label: z.string(),
      checkpoint: CheckpointSummary,
      alignment: Alignment.omit({ tensors: true }),
    }),
  ),
  /** Null where the native core is missing: it knows the workspace. */
  estimate: CostEstimate.nullable(),
  progress: Progress,
  measures: z.array(MeasureInfo),
  /** What papers give for these measures. */
  references: z.array(PublishedReference),
  /** Transformer layers and modules in the order of the model, for maps. */
  layers: z.array(z.number().int()),
  modules: z.array(z.string()),
});
export type StudyView = z.infer<typeof StudyView>;

/** GET /api/studies/:id/rows?measure=&level=&variant=&tensor=&per=&layers=&module= (each optional, all but `per` repeatable); the reply is rows.RowsDocument */
export const RowsQuery = z.object({
  measure: z.array(z.string()).default([]),
  level: z.array(z.enum(['tensor', 'module', 'layer', 'overall'])).default([]),
  variant: z.array(z.string()).default([]),
  /** Rows of these tensors only, and of what they make of a module, a layer or the model. */
  tensor: z.array(z.string()).default([]),
  /** Values per 1 % of relative update norm, where a measure grows with the norm. */
  per: z
    .array(z.enum(['update-norm']))
    .max(1)
    .default([]),
  /** Inclusive ranges of layers, "3-7" or "3", and modules as rows name them: every row is then made of these tensors only. */
  layers: z.array(z.string().regex(/^\d{1,9}(-\d{1,9})?$/, 'layers are written "3-7" or "3"')).default([]),
  module: z.array(z.string()).default([]),
});
export type RowsQuery = z.infer<typeof RowsQuery>;

/**
 * GET /api/studies/:id/events : server-sent events. "progress" carries Progress, the newest one first; "log" carries LogEvent, what was
 * logged before first; "study" carries StudyRevision, the present one first.
 */
export const LogEvent = z.object({
  /** The lines from the beginning of what is remembered, in place of all that this reader had before. */
  replay: z.boolean(),
  lines: z.array(LogLine),
});
export type LogEvent = z.infer<typeof LogEvent>;

export const StudyRevision = z.object({ revision: StudyView.shape.revision });

/** POST /api/studies/:id/run ; POST /api/studies/:id/cancel has no body. */
export const RunStudy = z.object({
  memoryBytes: z.number().int().positive().nullable().default(null),
  threads: z.number().int().positive().max(1024).nullable().default(null),
});
export type RunStudy = z.infer<typeof RunStudy>;
