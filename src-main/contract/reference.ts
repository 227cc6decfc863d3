import { z } from 'zod';
import { Role } from './rows.ts';

/** A number or range that a paper gives for a measure and a role, to be seen beside a study's own value; never a target. */
export const PublishedReference = z.object({
  measure: z.string(),
  role: Role,
  /** Ends in the unit of the measure; equal for a single number. */
  low: z.number(),
  high: z.number(),
  /** As printed: "36–92 %", "order of 1e-5". */
  text: z.string(),
  /** Whose numbers these are, e.g. "10 RL models". */
  what: z.string(),
  citation: z.object({ arxiv: z.string().nullable(), where: z.string() }),
  /** The claim of the ledger that it comes from. */
  claim: z.string(),
  /** Where the published quantity is not the measure: how it differs. It is then told, and not drawn on the scale of the measure. */
  mismatch: z.string().nullable(),
});
export type PublishedReference = z.infer<typeof PublishedReference>;
