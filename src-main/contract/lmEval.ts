/** Results of lm-evaluation-harness, paired problem by problem. */
import { z } from 'zod';

const Interval = z.tuple([z.number(), z.number()]);

export const MetricPaired = z.object({
  /** Index of the model in the document. */
  model: z.number().int(),
  /** Problems with a higher and with a lower value than those of the first model. */
  gained: z.number().int(),
  lost: z.number().int(),
  /** Mean of this model minus that of the first, 95 %: Tango's score interval where every value is 0 or 1, else a paired bootstrap over problems. */
  difference: z.number(),
  interval: Interval,
  /** Exact two-sided McNemar test where every value is 0 or 1; null for other metrics. */
  p: z.number().nullable(),
  /** After Holm's correction over all tests of the document. */
  pAdjusted: z.number().nullable(),
  /** The smallest difference that the test would find with 80 % power at 5 %. */
  detectable: z.number().nullable(),
});
export type MetricPaired = z.infer<typeof MetricPaired>;

export const MetricComparison = z.object({
  task: z.string(),
  metric: z.string(),
  filter: z.string(),
  version: z.string().nullable(),
  shots: z.number().int().nullable(),
  higherIsBetter: z.boolean().nullable(),
  n: z.number().int(),
  /** One per model: Wilson where every value is 0 or 1, else a bootstrap over problems; 95 %. */
  values: z.array(z.object({ mean: z.number(), interval: Interval })),
  paired: z.array(MetricPaired),
  /** What a reader must know of this metric, e.g. that the harness aggregates it in another way. */
  note: z.string().nullable(),
});
export type MetricComparison = z.infer<typeof MetricComparison>;

/** probe compare --json */
export const LmEvalDocument = z.object({
  schema: z.literal('polarimeter.lm-eval/1'),
  models: z.array(z.object({ label: z.string(), path: z.string(), date: z.string().nullable() })),
  comparisons: z.array(MetricComparison),
  /** Tasks and metrics that could not be paired, and why. */
  skipped: z.array(z.object({ task: z.string(), metric: z.string().nullable(), reason: z.string() })),
});
export type LmEvalDocument = z.infer<typeof LmEvalDocument>;
