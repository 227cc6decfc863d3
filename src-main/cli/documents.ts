/** The JSON documents of the command line that are not replies of the API. Each carries its schema's name. */
import { z } from 'zod';
import { Alignment } from '../contract/alignment.ts';
import { InspectedCollection, Inspection } from '../contract/checkpoint.ts';
import { Difficulty } from '../contract/probe.ts';
import { MeasureInfo } from '../contract/measure.ts';
import { ReportedError } from '../contract/reportedError.ts';
import { Health } from '../contract/routes.ts';
import { LogLine } from '../contract/runLog.ts';
import { CostEstimate, Progress, StudyFile } from '../contract/study.ts';

export const ErrorDocument = z.object({
  schema: z.literal('polarimeter.error/1'),
  error: ReportedError,
});

/** inspect --json */
export const InspectionDocument = z.object({
  schema: z.literal('polarimeter.inspection/1'),
  inspection: Inspection,
});

/** scan --json */
export const ScanDocument = z.object({
  schema: z.literal('polarimeter.scan/1'),
  roots: z.array(z.string()),
  found: InspectedCollection.shape.found,
  rejected: z.array(z.object({ path: z.string(), code: z.string(), reason: z.string() })),
});
export type ScanDocument = z.infer<typeof ScanDocument>;

/** measures --json */
export const MeasuresDocument = z.object({
  schema: z.literal('polarimeter.measures/1'),
  measures: z.array(MeasureInfo),
});

/** compare --dry-run --json */
export const PlanDocument = z.object({
  schema: z.literal('polarimeter.plan/1'),
  study: StudyFile,
  alignments: z.array(Alignment),
  estimate: CostEstimate,
});
export type PlanDocument = z.infer<typeof PlanDocument>;

/** study status --json */
export const StatusDocument = z.object({
  schema: z.literal('polarimeter.status/1'),
  study: z.string(),
  folder: z.string(),
  progress: Progress,
});

/** study log --json */
export const LogDocument = z.object({
  schema: z.literal('polarimeter.log/1'),
  folder: z.string(),
  lines: z.array(LogLine),
});

/** study edit --json */
export const EditedDocument = z.object({
  schema: z.literal('polarimeter.edited/1'),
  folder: z.string(),
  study: StudyFile,
});

/** serve --json */
export const ServerDocument = z.object({ schema: z.literal('polarimeter.server/1'), url: z.string() });

export const DiffTensor = z.object({
  tensor: z.string(),
  module: z.string(),
  layer: z.number().int().nullable(),
  /** same: every stored value is equal. different: at least one is not. only-in-a, only-in-b, shape-differs: not compared. */
  status: z.enum(['same', 'different', 'only-in-a', 'only-in-b', 'shape-differs']),
  /** Stored types, e.g. "BF16" or "F32 vs BF16". */
  dtype: z.string(),
  /** Finite elements on both sides, and how many of them are equal; null when the type cannot be computed with. */
  elements: z.number().int().nullable(),
  equalStored: z.number().int().nullable(),
  equalBf16: z.number().int().nullable(),
  /** Elements that are NaN or infinite on either side. */
  invalid: z.number().int().nullable(),
  maxAbsDifference: z.union([z.number(), z.enum(['NaN', 'Infinity'])]).nullable(),
  detail: z.string().nullable(),
});
export type DiffTensor = z.infer<typeof DiffTensor>;

/** diff --json */
export const DiffDocument = z.object({
  schema: z.literal('polarimeter.diff/1'),
  a: z.string(),
  b: z.string(),
  same: z.boolean(),
  tensors: z.array(DiffTensor),
});
export type DiffDocument = z.infer<typeof DiffDocument>;

/** doctor --json */
export const DoctorDocument = z.object({
  schema: z.literal('polarimeter.doctor/1'),
  health: Health,
  checks: z.array(
    z.object({
      title: z.string(),
      /** absent: an optional part that is not there. */
      state: z.enum(['ok', 'absent', 'broken']),
      detail: z.string(),
    }),
  ),
});
export type DoctorDocument = z.infer<typeof DoctorDocument>;

/** probe check --json */
export const ProbeCheckDocument = z.object({
  schema: z.literal('polarimeter.probe-check/1'),
  probes: z.array(Difficulty.extend({ path: z.string(), fingerprint: z.string() })),
});
export type ProbeCheckDocument = z.infer<typeof ProbeCheckDocument>;
