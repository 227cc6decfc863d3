import type { Recovery } from '../../contract/probe.ts';
import type { SweepFile, TrialProbe, TrialResult } from '../../contract/sweep.ts';
import { simultaneousZ, Z_95 } from '../../probes/statistics/normal.ts';

/** Share of the lost OOD score (arXiv 2508.16546, by a secondary source). */
export const THRESHOLD = 0.7;

/** What an answer is made from. */
export interface GateEvidence {
  readonly file: SweepFile;
  readonly results: readonly TrialResult[];
  readonly comparisons: number;
}

/** A repair on the probe that decides. */
export interface Candidate {
  readonly result: TrialResult;
  readonly probe: TrialProbe;
}

/** What was lost on a probe, as far as is known. */
export interface Loss {
  readonly target: TrialProbe;
  readonly reference: TrialProbe;
}

/**
 * Where the interval begins once it is as wide as it must be for all repairs at once (Bonferroni): the best of many is best by luck too, and its
 * own interval does not know that. For one repair, as on held-out problems, its own beginning.
 */
export function chosenFrom({ value, interval }: Recovery, repairs: number): number | null {
  if (value === null || interval === null) return null;
  return value - ((value - interval[0]) * simultaneousZ(repairs)) / Z_95;
}
