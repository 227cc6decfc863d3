import type { ClaimReading, ClaimsDocument } from '../contract/claim.ts';
import type { Row } from '../contract/rows.ts';
import type { StudyFile } from '../contract/study.ts';
import type { Study } from '../study/Study.ts';
import { ClaimRows } from './ClaimRows.ts';
import { CONFLICTS } from './conflicts.ts';
import { LEDGER } from './ledger.ts';

/** What rows say about every claim, in the order of the ledger. */
export function readClaims(rows: readonly Row[], variants: StudyFile['variants']): ClaimReading[] {
  const asked = new ClaimRows(rows, variants);
  return LEDGER.map((claim) => ({ claim: claim.info, ...claim.judge(asked) }));
}

/** The ledger read on the stored results of a study. Nothing is computed but the verdicts. */
export async function studyClaims(study: Pick<Study, 'file' | 'readRows'>): Promise<ClaimsDocument> {
  const measures = [...new Set(LEDGER.flatMap(({ info }) => info.measures))];
  const perTensor = [...new Set(LEDGER.flatMap((claim) => claim.perTensor))];
  // Per tensor only what is read per tensor: a large model has millions of rows.
  const rows = await study.readRows([
    { measure: measures, level: ['overall', 'module'] },
    { measure: perTensor, level: ['tensor'] },
  ]);
  return {
    schema: 'polarimeter.claims/1',
    study: study.file.name,
    conflicts: [...CONFLICTS],
    readings: readClaims(rows.flat(), study.file.variants),
  };
}
