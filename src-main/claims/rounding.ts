import { baselineOf, type NumberRow } from './ClaimRows.ts';
import { spanText } from './spanText.ts';

/** How the unchanged share compares with that of an isotropic update of the same norm, rounded to bf16. */
export type Rounding = 'explained' | 'more' | 'fewer';

const POINTS = 0.05;
const FACTOR = 1.5;

export const ROUNDING_RULE =
  'rounding explains a run when its unchanged share is within 5 points of an isotropic update of the same norm rounded to bf16, and its changed share within a factor of 1.5';

export function roundingOf(row: NumberRow): Rounding | null {
  const baseline = baselineOf(row);
  if (baseline === null) return null;
  const [changed, expected] = [1 - row.value, 1 - baseline];
  const near = Math.abs(row.value - baseline) <= POINTS;
  const alike = changed <= FACTOR * expected && expected <= FACTOR * changed;
  if (near && alike) return 'explained';
  return row.value > baseline ? 'more' : 'fewer';
}

/** "unchanged 20.5 to 31.6 %, by rounding alone 20.1 to 30.9 %" */
export function roundingText(rows: readonly NumberRow[]): string {
  const values = rows.map(({ value }) => value);
  const expected = rows.flatMap((row) => baselineOf(row) ?? []);
  return `unchanged ${spanText(values, 'share')}, by size and rounding alone ${spanText(expected, 'share')}`;
}
