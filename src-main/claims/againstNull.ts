import type { ClaimEvidence } from '../contract/claim.ts';
import type { Role } from '../contract/rows.ts';
import { baselineOf, evidence, type ClaimRows, type NumberRow } from './ClaimRows.ts';
import { sides, type Sides } from './sides.ts';
import { runsText, spanText } from './spanText.ts';

/** A run's value beside its baseline. */
export interface NullComparison extends Sides {
  readonly row: NumberRow;
  readonly baseline: number;
  /** value / baseline. */
  readonly ratio: number;
}

interface Margin {
  /** Smallest relative distance from the baseline that counts, e.g. 0.05. */
  readonly margin: number;
}

/** One value against its baseline, over the matrices behind it. */
export function compareWithNull(
  row: NumberRow,
  tensors: readonly NumberRow[],
  { margin }: Margin,
): NullComparison | null {
  const baseline = baselineOf(row);
  if (baseline === null || baseline === 0) return null;
  const differences = tensors.flatMap((tensor) => {
    const own = baselineOf(tensor);
    return own === null ? [] : [tensor.value - own];
  });
  const counted = sides(differences);
  const ratio = row.value / baseline;
  const farEnough = counted.side === 'above' ? ratio >= 1 + margin : ratio <= 1 - margin;
  return { ...counted, side: farEnough ? counted.side : 'level', row, baseline, ratio };
}

/** The last checkpoint of every run of a role against the baseline of a measure; or why there is none. */
export function againstNull(
  rows: ClaimRows,
  measure: string,
  { role, margin }: Margin & { readonly role: Role },
): readonly NullComparison[] | string {
  const found = rows.perRun(measure, role);
  if (typeof found === 'string') return found;
  const compared = found.flatMap(
    (row) => compareWithNull(row, rows.tensors(measure, row.variant), { margin }) ?? [],
  );
  return compared.length > 0 ? compared : `${measure} has no baseline here`;
}

/** The side on which all runs lie, or mixed. */
export function commonSide(compared: readonly Pick<Sides, 'side'>[]): Sides['side'] | 'mixed' {
  const found = new Set(compared.map(({ side }) => side));
  const [only] = found;
  return found.size === 1 && only !== undefined ? only : 'mixed';
}

/** "above in 38 of 42 matrices" */
export function nullEvidence({ row, above, below }: NullComparison): ClaimEvidence {
  const total = above + below;
  return evidence(row, total === 0 ? '' : `above in ${above} of ${total} matrices`);
}

/**
 * "5 RL runs: 21.4 % to 22.2 % where an isotropic update gives 14.7 %; above it in 37 to 39 of 42 matrices."
 * @param gives what gives the baseline, with its verb
 */
export function nullSentence(compared: readonly NullComparison[], subject: string, gives: string): string {
  const unit = compared[0]?.row.unit ?? '';
  const found = spanText(
    compared.map(({ row }) => row.value),
    unit,
  );
  const expected = spanText(
    compared.map(({ baseline }) => baseline),
    unit,
  );
  return `${subject}: ${found} where ${gives} ${expected}; above it in ${countText(compared)}.`;
}

/** "38 to 39 of 42 matrices", "every matrix", "no matrix" */
function countText(compared: readonly NullComparison[]): string {
  if (compared.every(({ below }) => below === 0)) return 'every matrix';
  if (compared.every(({ above }) => above === 0)) return 'no matrix';
  const counts = (of: (one: NullComparison) => number): string => spanText(compared.map(of), 'count');
  return `${counts(({ above }) => above)} of ${counts(({ above, below }) => above + below)} matrices`;
}

/** "5 RL runs" */
export function runsOf(compared: readonly NullComparison[], role: 'rl' | 'sft'): string {
  return runsText(compared.length, role);
}
