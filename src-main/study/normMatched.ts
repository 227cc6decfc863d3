import { type MeasureInfo, PER_NORM } from '../contract/measure.ts';
import { NORM_UNIT } from '../contract/normMatched.ts';
import type { Row } from '../contract/rows.ts';

const placeOf = ({ variant, level, tensor, layer, module }: Row): string =>
  [variant, level, tensor, layer, module].join('\0');

function matched(row: Row, { normMatched, complement }: MeasureInfo, norm: Row['value']): Row {
  if (normMatched === 'invariant') return row;
  const parameters = { ...row.parameters, per: PER_NORM };
  const shown = { ...row, parameters, unit: `${row.unit} ${PER_NORM}`, baseline: null, spread: null };
  if (typeof row.value !== 'number') return shown;
  if (typeof norm !== 'number' || norm === 0) {
    return { ...shown, value: null, reason: 'the relative update norm is zero or not known here' };
  }
  const value = normMatched === 'complement' && complement !== null ? 1 - row.value : row.value;
  return { ...shown, value: (value * NORM_UNIT) / norm };
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
