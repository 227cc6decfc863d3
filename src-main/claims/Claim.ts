import type { ClaimInfo, ClaimReading } from '../contract/claim.ts';
import type { ClaimRows } from './ClaimRows.ts';

export type Judgement = Omit<ClaimReading, 'claim'>;

/** A published statement and the rule that holds it against a study. */
export interface Claim {
  readonly info: ClaimInfo;
  /** Those of its measures that it reads tensor by tensor. */
  readonly perTensor: readonly string[];
  /** A pure function of rows: the same rows give the same verdict. */
  judge(rows: ClaimRows): Judgement;
}

/** The study cannot speak to the claim, and why. */
export function notApplicable(reason: string): Judgement {
  const because = `${reason.charAt(0).toUpperCase()}${reason.slice(1)}.`;
  return { verdict: 'not-applicable', because, evidence: [] };
}
