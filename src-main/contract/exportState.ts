import { z } from 'zod';
import { Exported, ExportTrial, SweepProgress } from './sweep.ts';

/**
 * The last export of a sweep in this process: how far it is, or how it ended. A sweep has one at a time. POST …/sweeps/:sweep/export starts one,
 * POST …/export/cancel without a body ends it: both reply with this, and every change comes as the event "export" of the sweep.
 */
export const ExportState = z.object({
  request: ExportTrial,
  /** When it began, in milliseconds since 1970: tells two exports apart. */
  started: z.number(),
  state: z.enum(['running', 'cancelling', 'done', 'cancelled', 'failed']),
  /** pin: the inputs of a recipe are read, of which no numbers are told. */
  stage: z.enum(['pin', 'make', 'write', 'verify']),
  /** Of this stage: tensors while they are made, bytes of the result after that; 0 of 0 where nothing can be told. */
  done: z.number(),
  total: z.number(),
  exported: Exported.nullable(),
  error: SweepProgress.shape.error,
});
export type ExportState = z.infer<typeof ExportState>;

export type ExportProgress = Pick<ExportState, 'stage' | 'done' | 'total'>;
