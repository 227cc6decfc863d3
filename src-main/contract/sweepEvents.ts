import { z } from 'zod';

/**
 * GET …/sweeps/:sweep/events : server-sent events. "progress" carries sweep.SweepProgress, the newest one first, at most ten times a second;
 * "results" carries SweepRevision, the present one first: whoever shows the document asks for it again when it differs;
 * "export" carries exportState.ExportState, the last one first where there is one.
 */
export const SweepRevision = z.object({ revision: z.number().int() });
export type SweepRevision = z.infer<typeof SweepRevision>;
