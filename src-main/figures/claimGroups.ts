import type { ClaimEvidence, ClaimReading, ClaimsDocument, Verdict } from '../contract/claim.ts';
import { VERDICTS } from '../contract/claim.ts';

/** Claims that are read together: the sides of a conflict, or what one paper says besides. */
export interface ClaimGroup {
  readonly id: string;
  readonly title: string;
  /** What is in dispute; null outside conflicts. */
  readonly sides: string | null;
  readonly readings: readonly ClaimReading[];
}

/** Conflicts first, in their order, then by paper; groups without a reading are left out. */
export function claimGroups({ conflicts, readings }: ClaimsDocument): ClaimGroup[] {
  const disputed = conflicts.map(({ id, question, sides }) => ({
    id,
    title: question,
    sides,
    readings: readings.filter(({ claim }) => claim.conflict === id),
  }));
  const settled = Map.groupBy(
    readings.filter(({ claim }) => claim.conflict === null),
    ({ claim }) => claim.section,
  );
  const papers = [...settled].map(([title, found], index) => ({
    id: `paper-${String(index + 1)}`,
    title,
    sides: null,
    readings: found,
  }));
  return [...disputed, ...papers].filter((group) => group.readings.length > 0);
}

/** How many readings have each verdict, in the order of the verdicts, without those that none has. */
export function verdictCounts(readings: readonly ClaimReading[]): { verdict: Verdict; count: number }[] {
  const verdicts = Object.keys(VERDICTS) as Verdict[];
  return verdicts
    .map((verdict) => ({ verdict, count: readings.filter((reading) => reading.verdict === verdict).length }))
    .filter(({ count }) => count > 0);
}

/** Readings that say something about their claim: first those supported, then those contradicted, each in the order of the ledger. */
export function decidedReadings(readings: readonly ClaimReading[]): ClaimReading[] {
  const decided: readonly Verdict[] = ['supported', 'contradicted'];
  return decided.flatMap((verdict) => readings.filter((reading) => reading.verdict === verdict));
}

/** Evidence by measure, in the order in which the rule reads it. */
export function evidenceByMeasure(
  evidence: readonly ClaimEvidence[],
): { measure: string; evidence: ClaimEvidence[] }[] {
  return [...Map.groupBy(evidence, ({ measure }) => measure)].map(([measure, found]) => ({
    measure,
    evidence: found,
  }));
}

/** What a number belongs to: "rl-seed1", "rl-seed1 with rl-seed2", "rl-seed1, q_proj". */
export function evidencePlace({ variant, partner, module }: ClaimEvidence): string {
  return `${variant}${partner === null ? '' : ` with ${partner}`}${module === null ? '' : `, ${module}`}`;
}
