import { z } from 'zod';

/** One line of the log of a study's runs: what happened, to which tensor, and how long it took. */
export const LogLine = z.object({
  /** ISO 8601 with milliseconds, UTC. */
  ts: z.string(),
  level: z.enum(['info', 'warning', 'error']),
  event: z.enum([
    'started',
    'resumed',
    'made',
    'tensor',
    'skipped',
    'over-budget',
    'file-changed',
    'cancelled',
    'failed',
    'done',
    'not-written',
  ]),
  tensor: z.string().nullable(),
  /** Of the tensor, or of the whole run. */
  millis: z.number().nullable(),
  message: z.string(),
});
export type LogLine = z.infer<typeof LogLine>;

/** How many lines are remembered for whoever begins to watch. */
export const LOG_LINES = 2000;
