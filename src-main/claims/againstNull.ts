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

/** "all 42", "none of 42", "38 of 42", "38 of 42 to 44 of 44": in how many matrices the value is above the null. */
function aboveText(compared: readonly NullComparison[]): string {
  const counts = compared.map(({ above, below }) => ({ above, total: above + below }));
  const totals = spanText(
    counts.map(({ total }) => total),
    'count',
  );
  if (counts.every(({ above, total }) => above === total)) return `all ${totals}`;
  if (counts.every(({ above }) => above === 0)) return `none of ${totals}`;
  const sorted = counts.toSorted((a, b) => a.above / a.total - b.above / b.total);
  const ends = [sorted[0], sorted.at(-1)].flatMap((each) => (each ? [`${each.above} of ${each.total}`] : []));
  return [...new Set(ends)].join(' to ');
}

/** "5 RL runs: 21.4 to 22.2 %; by chance (isotropic update) 14.7 %. Above it in 37 of 42 to 39 of 42 matrices." */
export function nullSentence(compared: readonly NullComparison[], subject: string, chance: string): string {
  const unit = compared[0]?.row.unit ?? '';
  const found = spanText(
    compared.map(({ row }) => row.value),
    unit,
  );
  const expected = spanText(
    compared.map(({ baseline }) => baseline),
    unit,
  );
  return `${subject}: ${found}; by chance (${chance}) ${expected}. Above it in ${aboveText(compared)} matrices.`;
}

/** "5 RL runs" */
export function runsOf(compared: readonly NullComparison[], role: 'rl' | 'sft'): string {
  return runsText(compared.length, role);
}
