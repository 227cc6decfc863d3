/** Finding the checkpoints of this machine: GET /api/checkpoints, POST /api/checkpoints/scan, POST …/cancel, PUT …/roots; all reply CheckpointScan. */
import { z } from 'zod';
import { InspectedCollection } from './checkpoint.ts';
import { CheckpointHints } from './guessVariant.ts';

export const DiscoveredCheckpoint = InspectedCollection.shape.found.element.extend({
  architecture: z.string().nullable(),
  dtypes: z.array(z.string()),
  tensors: z.number().int(),
  hints: CheckpointHints,
  /** Folder that holds the steps of the run that it is one of; null for a checkpoint that is no step. */
  trajectory: z.string().nullable(),
});
export type DiscoveredCheckpoint = z.infer<typeof DiscoveredCheckpoint>;

export const CheckpointScan = z.object({
  state: z.enum(['idle', 'scanning', 'done', 'cancelled']),
  roots: z.array(
    z.object({
      path: z.string(),
      /** usual: where programs keep what they download. own: named by the user. */
      kind: z.enum(['usual', 'own']),
      isThere: z.boolean(),
    }),
  ),
  /** Folders looked at, and the one that was the last. */
  folders: z.number().int(),
  current: z.string().nullable(),
  millis: z.number(),
  /** While the scan goes on, in the order of finding; then in natural order of their paths. */
  found: z.array(DiscoveredCheckpoint),
  rejected: InspectedCollection.shape.rejected,
});
export type CheckpointScan = z.infer<typeof CheckpointScan>;

/** PUT /api/checkpoints/roots : the user's own folders, absolute; what was named before is replaced. */
export const SetRoots = z.object({ roots: z.array(z.string().min(1)).max(64) });
export type SetRoots = z.infer<typeof SetRoots>;
