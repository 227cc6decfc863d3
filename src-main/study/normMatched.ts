import { type MeasureInfo, PER_NORM } from '../contract/measure.ts';
import { NORM_UNIT } from '../contract/normMatched.ts';
import type { Row } from '../contract/rows.ts';

const placeOf = ({ variant, level, tensor, layer, module }: Row): string =>
  [variant, level, tensor, layer, module].join('\0');

const NO_NORM = 'the relative update norm is zero or not known here';

type Value = Row['value'];

/** A value per unit of relative update norm, or why there is none. What is no number stays what it is. */
export function matchedValue(
  value: Value,
  { normMatched, complement }: Pick<MeasureInfo, 'normMatched' | 'complement'>,
  norm: Value,
): { readonly value: Value; readonly reason: string | null } {
  if (typeof value !== 'number') return { value, reason: null };
  if (typeof norm !== 'number' || norm === 0) return { value: null, reason: NO_NORM };
  const kept = normMatched === 'complement' && complement !== null ? 1 - value : value;
  return { value: (kept * NORM_UNIT) / norm, reason: null };
}

/** What a row says besides its value when it is given per unit of norm. */
export const PER_NORM_PARAMETER = { per: PER_NORM } as const;

function matched(row: Row, info: MeasureInfo, norm: Value): Row {
  if (info.normMatched === 'invariant') return row;
  const { value, reason } = matchedValue(row.value, info, norm);
  return {
    ...row,
    value,
    reason: reason ?? row.reason,
    parameters: { ...row.parameters, ...PER_NORM_PARAMETER },
    unit: `${row.unit} ${PER_NORM}`,
    baseline: null,
    spread: null,
  };
}

/**
 * Rows per unit of relative update norm, so that runs whose updates differ in size by orders of magnitude can be held against each
 * other. Measures that do not grow with the norm stay as they are; of a share that shrinks with it, its complement is taken. Baselines
 * belong to the value as it was and are left out.
 * @param norms rows of the relative update norm at the same places
 */
export function normMatchedRows(
  rows: readonly Row[],
  measures: readonly MeasureInfo[],
  norms: readonly Row[],
): Row[] {
  const infos = new Map(measures.map((info) => [info.id, info]));
  const byPlace = new Map(norms.map((row) => [placeOf(row), row.value]));
  return rows.map((row) => {
    const info = infos.get(row.measure);
    return info === undefined ? row : matched(row, info, byPlace.get(placeOf(row)) ?? null);
  });
}
